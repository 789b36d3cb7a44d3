//! The program itself, run without a screen: over the demo, and over a simulated AWS that the test can look into.

mod bad_input;
mod burn;
mod changes;
mod costs;
mod domains;
mod edits;
mod lists;
mod onboard;
mod quotas;
mod readme;
mod reconcile;
mod records;
mod simulator;
mod stop;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sagedeck::sim::SimulatedAws;
use sagedeck::sim::listen::Listener;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A home with nothing in it: what the machine is configured with must not matter.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A home with this configuration.
    fn with_config(text: &str) -> Self {
        let home = Self::new();
        let folder = home.path().join("config").join("sagedeck");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("config.toml"), text).expect("a file");
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program, with these arguments and nobody else's environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sagedeck"));
        command.args(arguments).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("AWS_") || name.starts_with("SAGEDECK_") || name.ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().expect("the program runs"))
    }
}

/// How a run ended.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().expect("an exit code"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

impl Ran {
    /// The same, if it ended with this code.
    fn with_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// A simulated AWS over loopback.
struct Served {
    aws: SimulatedAws,
    address: SocketAddr,
    _runtime: Runtime,
}

impl Served {
    fn new(aws: SimulatedAws) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(Listener::bind(([127, 0, 0, 1], 0).into())).expect("a port");
        let address = listener.address();
        runtime.spawn(listener.serve(aws.clone(), std::future::pending()));
        Self { aws, address, _runtime: runtime }
    }

    /// The program, asking this AWS.
    fn command(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = home.command(arguments);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIA123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "x")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", format!("http://{}", self.address));
        command
    }

    fn run(&self, home: &Home, arguments: &[&str]) -> Ran {
        Ran::from(self.command(home, arguments).output().expect("the program runs"))
    }

    /// The changes that were asked for and made, by operation, in their order.
    fn writes(&self) -> Vec<String> {
        let all = self.aws.requests().writes();
        all.iter()
            .filter(|request| request.was_carried_out())
            .map(|request| request.operation.clone())
            .collect()
    }

    /// Runs a change without `--yes`, and sees that nothing was changed.
    fn shown(&self, home: &Home, arguments: &[&str]) -> Ran {
        let before = self.aws.requests().writes().len();
        let ran = self.run(home, arguments).with_code(0);
        assert_eq!(self.aws.requests().writes().len(), before, "{arguments:?}");
        assert!(ran.err.contains("nothing was changed"), "{arguments:?}: {}", ran.err);
        ran
    }

    /// Runs a change that is refused, and sees that nothing was changed.
    fn refuses(&self, home: &Home, arguments: &[&str], told: &str) -> Ran {
        let before = self.aws.requests().writes().len();
        let ran = self.run(home, arguments).with_code(6);
        assert_eq!(self.aws.requests().writes().len(), before, "{arguments:?}");
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
        ran
    }
}
