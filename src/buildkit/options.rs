//! What a build is asked for, out of the environment of a frontend.

use std::collections::BTreeMap;

/// What every option is in: `BUILDKIT_FRONTEND_OPT_3=filename=args.nix`.
const OPTION: &str = "BUILDKIT_FRONTEND_OPT_";
/// What `docker build` sends by itself, for a `RUN` that is not here.
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];
/// The argument by which reproducible builds agree on a time.
const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";

/// What a build is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Options {
    /// The text, by its name in its folder.
    pub(super) file: String,
    /// The name by which the client knows the folder of the text.
    pub(super) text: String,
    /// The name by which it knows the build context.
    pub(super) context: String,
    /// `--build-arg`
    pub(super) arguments: Vec<(String, String)>,
    /// `--label`
    pub(super) labels: Vec<(String, String)>,
    /// `--target`
    pub(super) target: Option<String>,
    /// `--platform`
    pub(super) platform: Option<String>,
    /// `--build-context`
    pub(super) contexts: Vec<(String, String)>,
    /// `--no-cache`
    pub(super) no_cache: bool,
    /// Seconds since 1970.
    pub(super) epoch: Option<String>,
    /// `--pull`, as BuildKit spells it.
    pub(super) resolve_mode: Option<String>,
    /// What cannot be done, each with its reason.
    pub(super) refused: Vec<(String, &'static str)>,
    /// The client.
    pub(super) session: Option<String>,
}

impl Options {
    /// The options in the variables of an environment.
    pub(super) fn of(environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut given: BTreeMap<String, String> = BTreeMap::new();
        let mut session = None;
        for (name, value) in environment {
            if name == "BUILDKIT_SESSION_ID" {
                session = Some(value);
            } else if name.starts_with(OPTION)
                && let Some((key, value)) = value.split_once('=')
            {
                given.insert(key.to_owned(), value.to_owned());
            }
        }
        // It has no value.
        let no_cache = given.remove("no-cache").is_some();
        let mut take = |key: &str| given.remove(key).filter(|value| !value.is_empty());
        let mut options = Options {
            file: take("filename").unwrap_or_else(|| "Dockerfile".to_owned()),
            text: take("dockerfilekey").unwrap_or_else(|| "dockerfile".to_owned()),
            context: take("contextkey").unwrap_or_else(|| "context".to_owned()),
            arguments: Vec::new(),
            labels: Vec::new(),
            target: take("target"),
            platform: take("platform"),
            contexts: Vec::new(),
            no_cache,
            epoch: take("build-arg:SOURCE_DATE_EPOCH"),
            resolve_mode: take("image-resolve-mode"),
            refused: Vec::new(),
            session,
        };
        for (key, value) in given {
            let kind = key.split_once(':').unwrap_or((&key, ""));
            match kind {
                ("build-arg", name) if is_for_us(name) => {
                    options.arguments.push((name.to_owned(), value));
                }
                ("label", name) => options.labels.push((name.to_owned(), value)),
                ("context", "") => options
                    .refused
                    .push((value, "nothing is fetched: download it first, and build the folder")),
                ("context", name) => {
                    // BuildKit may add the platform to a name.
                    let name = name.split("::").next().unwrap_or(name);
                    options.contexts.push((name.to_owned(), value));
                }
                ("requestid", "") => options.refused.push((
                    value,
                    "it asks about the file, which only `docker build` itself is for here",
                )),
                // The others say where results go, or are about commands that are run.
                _ => {}
            }
        }
        options
    }
}

/// Whether an argument is one that the user means for the text.
fn is_for_us(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !name.starts_with("BUILDKIT_")
        && name != SOURCE_DATE_EPOCH
        && !PROXIES.contains(&lower.as_str())
}
