//! A project in a temporary folder, checked in the form for programs: what was found, and where.

use crate::support::{Folder, bimanix, kernel, kernel_for};
use serde_json::Value;

/// A finding, as `check --json` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: String,
    pub is_error: bool,
    /// Line and column; none when it has no place in a text.
    pub place: Option<(u64, u64)>,
    pub message: String,
    pub help: String,
}

/// A folder with a `kernel` in it.
pub struct Project(pub Folder);

impl Project {
    pub fn new() -> Self {
        let folder = Folder::new();
        folder.write("kernel", kernel());
        Project(folder)
    }

    /// The exit code of `check` for this args.nix, and what it found.
    pub fn check(&self, text: &str) -> (i32, Vec<Finding>) {
        self.0.write("kernel", kernel_for(text));
        self.0.write("args.nix", text);
        let output = bimanix(self.0.path()).args(["check", "--json"]).output().unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let list: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let code = output.status.code().unwrap_or_else(|| panic!("killed by {text}"));
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let findings: Vec<Finding> = list
            .iter()
            .map(|finding| Finding {
                code: word(&finding["code"]),
                is_error: finding["severity"] == "error",
                place: finding["line"].as_u64().zip(finding["column"].as_u64()),
                message: word(&finding["message"]),
                help: word(&finding["help"]),
            })
            .collect();
        let refused = findings.iter().any(|finding| finding.is_error);
        assert_eq!(code, i32::from(refused), "the exit code goes with the errors: {text}");
        // One file stands for every boot file here; what the bytes must be has fixtures of its own.
        // Nor does it matter here that each Solo5 guest wants a network.
        let elsewhere = ["unikernel/initrd-format", "unikernel/needs-network"];
        let findings = findings.into_iter().filter(|found| !elsewhere.contains(&&*found.code));
        (code, findings.collect())
    }

    /// The codes alone.
    pub fn codes(&self, text: &str) -> Vec<String> {
        self.check(text).1.into_iter().map(|finding| finding.code).collect()
    }
}

/// An args.nix of these files and annotations, and further fields; each is Nix text.
pub fn recipe(files: &str, annotations: &str, more: &str) -> String {
    format!(
        "{{\n  name = \"a\";\n  files = {{ {files} }};\n  annotations = {{ {annotations} }};\n  {more}\n}}\n"
    )
}

/// A recipe that is as it should be, but for these fields.
pub fn with_fields(more: &str) -> String {
    recipe("\"kernel\" = \"/k\";", &annotations("/k"), more)
}

/// The four annotations that every image needs.
pub fn annotations(binary: &str) -> String {
    format!(
        "unikernelType = \"linux\"; hypervisor = \"qemu\"; binary = \"{binary}\"; cmdline = \"x\";"
    )
}

/// Marsaglia's xorshift: random enough, and the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    pub fn pick<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }
}
