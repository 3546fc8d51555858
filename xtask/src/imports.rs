//! What Rust imports of JavaScript. An exception that passes through the engine leaves it unusable, so
//! an import that may throw is `catch`; one that cannot says so, by the words "Never throws" and why.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Holds every source file in a folder, and in those below, to it.
pub(crate) fn check(root: &Path, folder: &str) -> Result<()> {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources(&root.join(folder))? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let path = path.strip_prefix(root).unwrap_or(&path);
        for import in imports(&text) {
            seen += 1;
            if !import.held {
                let Import { line, name, .. } = import;
                wrong.push(format!("\n  {}:{line}: {name}", path.display()));
            }
        }
    }
    if seen == 0 {
        bail!("{folder} imports nothing of JavaScript; the reader of its sources is wrong");
    }
    if !wrong.is_empty() {
        bail!(
            "an exception through one of these would leave the engine unusable; make it `catch`, \
             or say in its doc comment \"Never throws: \" and why:{}",
            wrong.concat()
        );
    }
    Ok(())
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.append(&mut sources(&path)?);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A function, or a static, that JavaScript gives.
#[derive(Debug, PartialEq)]
struct Import {
    name: String,
    line: usize,
    /// Whether an exception of it is caught, or cannot be.
    held: bool,
}

/// Those of a source file.
fn imports(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("extern \"C\"") {
        rest = after;
        let line = before.rsplit('\n').next().unwrap_or_default();
        // `extern "C" fn` is a function of ours, or the type of one.
        if let Some(block) = after.trim_start().strip_prefix('{')
            && !line.trim_start().starts_with("//")
        {
            rest = read_block(text, block, &mut found);
        }
    }
    found
}

/// Reads the items of a block up to its end; what follows it.
fn read_block<'a>(text: &str, block: &'a str, found: &mut Vec<Import>) -> &'a str {
    let (mut docs, mut attributes) = (String::new(), String::new());
    let mut rest = block.trim_start();
    while !rest.is_empty() && !rest.starts_with('}') {
        let length = if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            if let Some(doc) = rest[..end].strip_prefix("///") {
                docs.extend([doc.trim(), " "]);
            }
            end
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("#[") {
            let end = 1 + closed(&rest[1..]);
            attributes.push_str(&rest[..end]);
            end
        } else {
            let end = ended(rest);
            if let Some(name) = name(&rest[..end]) {
                let line = 1 + text[..text.len() - rest.len()].matches('\n').count();
                let held = catches(&attributes) || explains(&docs);
                found.push(Import { name, line, held });
            }
            docs.clear();
            attributes.clear();
            end
        };
        rest = rest[length..].trim_start();
    }
    rest
}

/// How long the brackets are that a text begins with.
fn closed(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// How long the item is that a text begins with, its semicolon included.
fn ended(text: &str) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The name of a function or a static; a type has none here.
fn name(item: &str) -> Option<String> {
    let mut words = item.split(|it: char| !it.is_alphanumeric() && it != '_');
    words.find(|word| matches!(*word, "fn" | "static"))?;
    words.next().map(str::to_owned)
}

/// Whether an attribute of wasm-bindgen says `catch`.
fn catches(attributes: &str) -> bool {
    attributes
        .split(|it: char| !it.is_alphanumeric() && it != '_')
        .any(|word| word == "catch")
}

/// Whether the words are there, and a reason after them.
fn explains(docs: &str) -> bool {
    docs.split_once("Never throws")
        .is_some_and(|(_, why)| why.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of those that are not held, with their lines.
    fn wrong(text: &str) -> Vec<(String, usize)> {
        imports(text)
            .into_iter()
            .filter(|import| !import.held)
            .map(|import| (import.name, import.line))
            .collect()
    }

    fn block(items: &str) -> String {
        format!("use x;\n\n#[wasm_bindgen]\nextern \"C\" {{\n{items}\n}}\nfn after() {{}}\n")
    }

    #[test]
    fn an_import_with_neither_is_named_with_its_line() {
        let text = block("    type T;\n    #[wasm_bindgen(method)]\n    fn bad(this: &T);");
        assert_eq!(wrong(&text), [("bad".into(), 7)]);
    }

    #[test]
    fn catch_is_enough_wherever_it_stands() {
        for attribute in [
            "#[wasm_bindgen(catch)]",
            "#[wasm_bindgen(method, catch, js_name = x)]\n#[allow(y)]",
            "#[wasm_bindgen(\n    structural,\n    catch\n)]",
        ] {
            let text = block(&format!("{attribute} fn good() -> Result<A, B>;"));
            assert_eq!(imports(&text).len(), 1, "{attribute}");
            assert_eq!(wrong(&text), [], "{attribute}");
        }
    }

    #[test]
    fn what_only_looks_like_catch_is_not() {
        for item in [
            "#[wasm_bindgen(js_name = catch_it)] fn bad();",
            "// catch\nfn bad();",
            "/// Callers catch.\nfn bad();",
            "#[wasm_bindgen(catch)] fn good();\nfn bad();",
        ] {
            let names: Vec<_> = wrong(&block(item)).into_iter().map(|it| it.0).collect();
            assert_eq!(names, ["bad"], "{item}");
        }
    }

    #[test]
    fn never_throws_is_enough_with_a_reason_and_in_a_doc_comment() {
        let good =
            "/// Reads. Never throws:\n/// it catches.\n#[wasm_bindgen(js_name = x)]\nfn it();";
        assert_eq!(wrong(&block(good)), []);
        for bad in [
            "/// Never throws.\nfn it();",
            "// Never throws: it catches.\nfn it();",
            "/// Never throws: it catches.\nfn other();\nfn it();",
        ] {
            assert_eq!(wrong(&block(bad)).len(), 1, "{bad}");
        }
    }

    #[test]
    fn statics_are_imports_and_types_are_none() {
        let text = block("type T;\nstatic NAVIGATOR: JsValue;\nfn f(x: [u8; 4]);");
        let names: Vec<_> = wrong(&text).into_iter().map(|it| it.0).collect();
        assert_eq!(names, ["NAVIGATOR", "f"]);
    }

    #[test]
    fn every_block_is_read_and_nothing_else() {
        let twice = block("fn first();") + &block("fn second();");
        assert_eq!(wrong(&twice), [("first".into(), 5), ("second".into(), 12)]);
        for text in [
            "extern \"C\" fn ours() {}\ntype F = extern \"C\" fn();",
            "// extern \"C\" { fn no(); }\nfn x() {}",
        ] {
            assert_eq!(imports(text), [], "{text}");
        }
    }

    #[test]
    fn an_unfinished_file_is_read_to_its_end() {
        for text in [
            "extern \"C\" {",
            "extern \"C\" { fn x",
            "extern \"C\" { #[a",
        ] {
            assert!(imports(text).len() <= 1, "{text}");
        }
    }
}
