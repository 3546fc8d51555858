//! The demo app over the built package, with its authorization server.

use anyhow::Result;

use crate::workspace::{Workspace, step};
use crate::{package, setup};

pub(crate) fn run(ws: &Workspace, once: bool, port: Option<u16>) -> Result<()> {
    let mut demo = ws.sh.cmd("node").arg("www/demo.mjs").quiet();
    if once {
        demo = demo
            .arg("--once")
            .env("EVERGRANT_CHROMIUM", setup::chromium(ws)?);
    }
    if let Some(port) = port {
        demo = demo.arg("--port").arg(port.to_string());
    }
    package::build(ws)?;
    step("starting the authorization server and the demo app");
    demo.env("EVERGRANT_PACKAGE", ws.package()).run()?;
    Ok(())
}
