//! The user's credentials, where docker and podman keep them.

use crate::host;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The largest file of credentials that is read.
const MAX_FILE: u64 = 1 << 20;
/// How docker spells its own registry in its configuration.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Credentials {
    /// The value of a header `Authorization`.
    pub(super) fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Auth>,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    /// User and password with a colon between, in base64.
    #[serde(rename = "auth")]
    encoded: Option<String>,
    username: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Helped {
    username: String,
    secret: String,
}

/// The credentials for a registry, from the first file that has some.
pub(super) fn find(host: &str) -> Option<Credentials> {
    files().into_iter().find_map(|file| {
        let config: Config = serde_json::from_slice(&host::read(&file, MAX_FILE).ok()?).ok()?;
        of(&config, host)
    })
}

fn files() -> Vec<PathBuf> {
    let variable = |name: &str| host::variable(name).filter(|value| !value.is_empty());
    let home = || variable("HOME").map(PathBuf::from);
    let docker = variable("DOCKER_CONFIG").map(PathBuf::from);
    let docker = docker.or_else(|| home().map(|home| home.join(".docker")));
    let files = [
        docker.map(|folder| folder.join("config.json")),
        variable("REGISTRY_AUTH_FILE").map(PathBuf::from),
        variable("XDG_RUNTIME_DIR")
            .map(|folder| PathBuf::from(folder).join("containers/auth.json")),
        home().map(|home| home.join(".config/containers/auth.json")),
    ];
    files.into_iter().flatten().collect()
}

fn of(config: &Config, host: &str) -> Option<Credentials> {
    let names = names(host);
    let helper = names.iter().find_map(|name| config.cred_helpers.get(name));
    if let Some(helper) = helper.or(config.creds_store.as_ref())
        && let Some(known) = names.iter().find_map(|name| ask(helper, name))
    {
        return Some(known);
    }
    names.iter().find_map(|name| decode(config.auths.get(name)?))
}

/// The spellings under which a registry's credentials may stand.
fn names(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned(), format!("https://{host}"), format!("http://{host}")];
    if matches!(host, "docker.io" | "registry-1.docker.io" | "index.docker.io") {
        names = vec![DOCKER_HUB.to_owned(), "docker.io".to_owned(), "index.docker.io".to_owned()];
    }
    names
}

fn decode(auth: &Auth) -> Option<Credentials> {
    if let (Some(user), Some(password)) = (&auth.username, &auth.password) {
        return Some(Credentials { user: user.clone(), password: password.clone() });
    }
    let decoded = STANDARD.decode(auth.encoded.as_ref()?.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some(Credentials {
        user: user.to_owned(),
        password: password.trim_end_matches('\0').to_owned(),
    })
}

/// Asks a credential helper, by docker's protocol: the registry in, JSON out.
fn ask(helper: &str, name: &str) -> Option<Credentials> {
    let program = format!("docker-credential-{helper}");
    let end = host::ask(&program, &["get"], name.as_bytes()).ok().filter(|end| end.success)?;
    let Helped { username, secret } = serde_json::from_str(&end.output).ok()?;
    Some(Credentials { user: username, password: secret })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(config: &str, host: &str) -> Option<(String, String)> {
        let config: Config = serde_json::from_str(config).unwrap();
        of(&config, host).map(|known| (known.user, known.password))
    }

    #[test]
    fn every_spelling() {
        let pair = |user: &str, password: &str| Some((user.to_owned(), password.to_owned()));
        let auth = STANDARD.encode("a:b:c");
        for (config, host, expected) in [
            (
                format!(r#"{{"auths":{{"x:5000":{{"auth":"{auth}"}}}}}}"#),
                "x:5000",
                pair("a", "b:c"),
            ),
            (format!(r#"{{"auths":{{"https://x":{{"auth":"{auth}"}}}}}}"#), "x", pair("a", "b:c")),
            (format!(r#"{{"auths":{{"x":{{"auth":"{auth}"}}}}}}"#), "y", None),
            (
                format!(r#"{{"auths":{{"{DOCKER_HUB}":{{"auth":"{auth}"}}}}}}"#),
                "docker.io",
                pair("a", "b:c"),
            ),
            (r#"{"auths":{"x":{"username":"u","password":"p"}}}"#.to_owned(), "x", pair("u", "p")),
            (r#"{"auths":{"x":{"auth":"%%%"}},"other":1}"#.to_owned(), "x", None),
        ] {
            assert_eq!(found(&config, host), expected, "{config}");
        }
    }
}
