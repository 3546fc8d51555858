//! What Rust imports of JavaScript. An exception that passes through the engine leaves it unusable, so
//! an import that may throw is `catch`; one that cannot says so, by the words "Never throws" and why.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use proc_macro2::TokenTree;
use syn::visit::Visit;
use syn::{Attribute, Expr, ExprLit, ForeignItem, Lit, Meta};

/// Holds every source file in a folder, and in those below, to it.
pub(crate) fn check(root: &Path, folder: &str) -> Result<()> {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in sources(&root.join(folder))? {
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let path = path.strip_prefix(root).unwrap_or(&path);
        for import in imports(&text).with_context(|| path.display().to_string())? {
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
fn imports(text: &str) -> Result<Vec<Import>> {
    let mut reader = Reader(Vec::new());
    reader.visit_file(&syn::parse_file(text)?);
    Ok(reader.0)
}

struct Reader(Vec<Import>);

impl<'ast> Visit<'ast> for Reader {
    fn visit_foreign_item(&mut self, item: &'ast ForeignItem) {
        let (name, attributes) = match item {
            ForeignItem::Fn(it) => (&it.sig.ident, &it.attrs),
            ForeignItem::Static(it) => (&it.ident, &it.attrs),
            _ => return,
        };
        self.0.push(Import {
            name: name.to_string(),
            line: name.span().start().line,
            held: attributes.iter().any(catches) || explains(attributes),
        });
    }
}

/// Whether this attribute of wasm-bindgen says `catch`.
fn catches(attribute: &Attribute) -> bool {
    attribute.meta.require_list().is_ok_and(|list| {
        let mut words = list.tokens.clone().into_iter();
        words.any(|word| matches!(word, TokenTree::Ident(it) if it == "catch"))
    })
}

/// Whether the words are in the doc comment, and a reason after them.
fn explains(attributes: &[Attribute]) -> bool {
    let mut docs = String::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
        if let Meta::NameValue(it) = &attribute.meta
            && let Expr::Lit(ExprLit { lit, .. }) = &it.value
            && let Lit::Str(line) = lit
        {
            docs += &line.value();
        }
    }
    docs.split_once("Never throws")
        .is_some_and(|(_, why)| why.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of those that are not held, with their lines.
    fn wrong(text: &str) -> Vec<(String, usize)> {
        imports(text)
            .expect("it is Rust")
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
            assert_eq!(imports(&text).expect("it is Rust").len(), 1, "{attribute}");
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
            assert_eq!(imports(text).expect("it is Rust"), [], "{text}");
        }
    }

    #[test]
    fn what_is_no_rust_is_an_error() {
        assert!(imports("extern \"C\" { fn x").is_err());
    }
}
