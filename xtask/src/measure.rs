//! Sizes and speeds. The measuring itself is JavaScript, under `bench/`: bundlers and browsers are
//! there.

use anyhow::{Result, bail};

use crate::workspace::{Workspace, step};
use crate::{package, setup};

pub(crate) fn size(ws: &Workspace, json: bool) -> Result<()> {
    package::build(ws)?;
    step("weighing it");
    let size = ws
        .sh
        .cmd("node")
        .arg("bench/size.mjs")
        .arg(ws.package())
        .quiet();
    size.args(json.then_some("--json")).run()?;
    Ok(())
}

pub(crate) fn bench(ws: &Workspace, only: Option<&str>) -> Result<()> {
    if let Some(name) = only.filter(|name| *name != "hot") {
        bail!("no bench is called `{name}`; there is `hot`");
    }
    let chromium = setup::chromium(ws)?;
    package::build(ws)?;
    step("measuring getAccessToken() with a live token");
    ws.sh
        .cmd("node")
        .arg("bench/hot.mjs")
        .arg(ws.package())
        .env("EVERGRANT_CHROMIUM", chromium)
        .quiet()
        .run()?;
    Ok(())
}
