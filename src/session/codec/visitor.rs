//! One walk over a JSON tree for both directions: what reads a member also writes it.

use std::mem;

use crate::oauth::Json;
use crate::session::time::UNKNOWN_MS;

/// A JSON tree that can be taken apart and put together.
pub trait Tree: Json + Default {
    /// The tree as text, if it is an object with members.
    fn rest(&self) -> Option<String>;
    /// A number, of at most 2^53.
    fn number(value: u64) -> Self;
    /// A string.
    fn text(value: &str) -> Self;
    /// A boolean.
    fn flag(value: bool) -> Self;
    /// Takes an own member out of an object; without a name, the first element out of an array. The
    /// default where there is none.
    fn take(&mut self, name: Option<&str>) -> Self;
    /// Whether it is anything at all.
    fn exists(&self) -> bool;
    /// Puts a member into an object; without a name, one more element into an array.
    fn put(&mut self, name: Option<&str>, value: Self);
}

/// What stands in JSON as an object. Its default is the blank that is read into.
pub trait Members: Default {
    /// Visits the members, one after the other.
    fn visit<T: Tree>(&mut self, v: &mut Visitor<T>);
}

/// An enumeration whose values stand in JSON by their names.
pub trait Named: Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];
    /// Their names, in the same order.
    const NAMES: &'static [&'static str];
    /// Where it stands among them.
    fn at(self) -> usize;
}

/// Members that this version does not know: an object as JSON text; `None` where there are none.
pub type Extra = Option<String>;

/// The largest integer that JSON numbers hold exactly.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// Stands at an object or an array, and takes members out of it or puts them in.
pub struct Visitor<T> {
    node: T,
    outer: Vec<T>,
    writes: bool,
    broken: bool,
}

impl<T: Tree> Visitor<T> {
    /// Reads from this node, and empties it.
    pub fn reading(node: T) -> Self {
        Self {
            node,
            outer: Vec::new(),
            writes: false,
            broken: false,
        }
    }

    /// Writes to a new object.
    pub fn writing() -> Self {
        Self {
            node: T::parse("{}"),
            outer: Vec::new(),
            writes: true,
            broken: false,
        }
    }

    /// Whether it reads: then what is visited is blank.
    pub fn reads(&self) -> bool {
        !self.writes
    }

    /// A string, if there is one.
    pub fn maybe_text(&mut self, name: &str, it: &mut Option<String>) {
        if !self.writes {
            *it = self.taken_text(name);
        } else if let Some(text) = it {
            self.put(name, T::text(text));
        }
    }

    /// A string.
    pub fn text(&mut self, name: &str, it: &mut String) {
        if self.writes {
            self.put(name, T::text(it));
        } else {
            match self.taken_text(name) {
                Some(text) => *it = text,
                None => self.require(false),
            }
        }
    }

    /// Whether there is a whole number that JSON can hold; it is [`UNKNOWN_MS`] if not.
    pub fn maybe_number(&mut self, name: &str, it: &mut u64) -> bool {
        if !self.writes {
            let number = self.node.take(Some(name)).as_f64();
            let whole = number as u64;
            *it = if number <= MAX_SAFE_INTEGER && whole as f64 == number {
                whole
            } else {
                UNKNOWN_MS
            };
        } else if *it != UNKNOWN_MS {
            self.put(name, T::number(*it));
        }
        *it != UNKNOWN_MS
    }

    /// Likewise; another where there is none.
    pub fn number_or(&mut self, name: &str, default: u64, it: &mut u64) {
        if !self.maybe_number(name, it) {
            *it = default;
        }
    }

    /// Likewise; it must be there.
    pub fn number(&mut self, name: &str, it: &mut u64) {
        let there = self.maybe_number(name, it);
        self.require(there);
    }

    /// A boolean; false where there is none.
    pub fn flag(&mut self, name: &str, it: &mut bool) {
        if self.writes {
            self.put(name, T::flag(*it));
        } else {
            *it = self.node.take(Some(name)).is_true();
        }
    }

    /// A value by its name; of a name that a later version brought, what it was before.
    pub fn name<N: Named>(&mut self, name: &str, it: &mut N) {
        let at = self.one_of(name, N::NAMES, it.at());
        if let Some(value) = N::ALL.get(at) {
            *it = *value;
        }
    }

    fn one_of(&mut self, name: &str, names: &[&str], at: usize) -> usize {
        let mut text = names.get(at).copied().unwrap_or_default().to_owned();
        self.text(name, &mut text);
        names.iter().position(|it| *it == text).unwrap_or(at)
    }

    /// An object, if there is one.
    pub fn maybe<M: Members>(&mut self, name: &str, it: &mut Option<M>) {
        if self.enter(Some(name), it.is_some(), "{}") {
            it.get_or_insert_default().visit(self);
            self.leave(Some(name));
        }
    }

    /// Whether there is an object, of which `visit` visits the members.
    pub fn object(&mut self, name: &str, visit: impl FnOnce(&mut Self)) -> bool {
        let there = self.enter(Some(name), true, "{}");
        if there {
            visit(self);
            self.leave(Some(name));
        }
        there
    }

    /// An array of objects; empty where there is none.
    pub fn list<M: Members>(&mut self, name: &str, list: &mut Vec<M>) {
        if self.enter(Some(name), true, "[]") {
            let mut done = 0;
            while self.enter(None, done < list.len(), "{}") {
                if done == list.len() {
                    list.push(M::default());
                }
                if let Some(item) = list.get_mut(done) {
                    item.visit(self);
                }
                self.leave(None);
                done += 1;
            }
            self.leave(Some(name));
        }
    }

    /// Begins an object of which a later version may know more members.
    pub fn begin(&mut self, extra: &Extra) {
        if let Some(extra) = extra {
            self.node = T::parse(extra);
        }
    }

    /// Ends it: the members that nobody has visited are kept.
    pub fn end(&mut self, extra: &mut Extra) {
        if !self.writes {
            *extra = self.node.rest();
        }
    }

    /// Whether what `visit` visits is as it must be; what is read need not be.
    pub fn if_sound(&mut self, visit: impl FnOnce(&mut Self)) -> bool {
        let before = mem::take(&mut self.broken);
        visit(self);
        !mem::replace(&mut self.broken, before)
    }

    /// What was written.
    pub fn written(self) -> T {
        self.node
    }

    /// Whether all that must be there was there, and of its kind.
    pub fn sound(&self) -> bool {
        !self.broken
    }

    /// What is read is no record unless this holds.
    pub fn require(&mut self, sound: bool) {
        self.broken |= !sound;
    }

    /// Whether there is such a member to be read.
    pub fn has(&self, name: &str) -> bool {
        self.node.get(name).exists()
    }

    fn taken_text(&mut self, name: &str) -> Option<String> {
        self.node.take(Some(name)).as_str()
    }

    fn put(&mut self, name: &str, value: T) {
        self.node.put(Some(name), value);
    }

    /// Goes into a member, or without a name into the next element: into one that is there to be
    /// read, or into a new one if there is something to write.
    fn enter(&mut self, name: Option<&str>, something: bool, new: &str) -> bool {
        let inner = if !self.writes {
            self.node.take(name)
        } else if something {
            T::parse(new)
        } else {
            T::default()
        };
        let enters = inner.exists();
        if enters {
            self.outer.push(mem::replace(&mut self.node, inner));
        }
        enters
    }

    /// Goes back to where it came from.
    fn leave(&mut self, name: Option<&str>) {
        let outer = self.outer.pop().unwrap_or_default();
        let inner = mem::replace(&mut self.node, outer);
        if self.writes {
            self.node.put(name, inner);
        }
    }
}
