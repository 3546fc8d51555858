//! The allocator: a free list. The heap of one session is small and short of garbage, and the
//! default allocator is 2 KB larger, compressed.

#![allow(unsafe_code)]

use lol_alloc::{AssumeSingleThreaded, FreeListAllocator};

// SAFETY: the module is compiled without threads, and an instance is never shared.
#[global_allocator]
static ALLOCATOR: AssumeSingleThreaded<FreeListAllocator> =
    unsafe { AssumeSingleThreaded::new(FreeListAllocator::new()) };
