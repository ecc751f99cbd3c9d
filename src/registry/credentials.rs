//! The user's logins, where docker and podman keep them.
//!
//! In: files as docker's `config.json` and containers' `auth.json`, the first one first, and what is looked for: a
//! registry and a repository. Out: a login, or none, and a warning for each file with something in it that cannot
//! be read; the rest of such a file counts.

use crate::diag::{Diagnostic, describe_io};
use crate::explain::code;
use crate::host;
use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use serde_json::{Map, Value};
use std::io;
use std::path::{Path, PathBuf};

/// The largest file of logins that is read.
const MAX_FILE: u64 = 1 << 20;
/// How docker spells its own registry in its configuration.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// The user by whom credential helpers tell an identity token.
const TOKEN_USER: &str = "<token>";

/// What proves to a registry who somebody is.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Login {
    /// A user and a password.
    Password { user: String, password: String },
    /// A token that is given in exchange for tokens of the registry.
    Identity(String),
    /// A token of the registry itself.
    Registry(String),
}

impl std::fmt::Debug for Login {
    /// What kind it is, and nothing that it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Login::Password { .. } => "Password",
            Login::Identity(_) => "Identity",
            Login::Registry(_) => "Registry",
        })
    }
}

impl Login {
    /// The value of a header `Authorization`, when it is a user and a password.
    pub(super) fn basic(&self) -> Option<String> {
        match self {
            Login::Password { user, password } => {
                Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Login::Identity(_) | Login::Registry(_) => None,
        }
    }
}

/// The files of this user and this environment.
pub(super) fn files() -> Vec<PathBuf> {
    let variable = |name: &str| host::variable(name).filter(|value| !value.is_empty());
    let folder = |name: &str| variable(name).map(PathBuf::from);
    let home = || folder("HOME");
    let of_docker = folder("DOCKER_CONFIG").or_else(|| Some(home()?.join(".docker")));
    let of_run = match folder("XDG_RUNTIME_DIR") {
        Some(folder) => Some(folder.join("containers")),
        None => host::user_id().map(|id| PathBuf::from(format!("/run/containers/{id}"))),
    };
    let of_config = folder("XDG_CONFIG_HOME").or_else(|| Some(home()?.join(".config")));
    let files = [
        of_docker.map(|folder| folder.join("config.json")),
        folder("REGISTRY_AUTH_FILE"),
        of_run.map(|folder| folder.join("auth.json")),
        of_config.map(|folder| folder.join("containers/auth.json")),
    ];
    files.into_iter().flatten().collect()
}

/// The login for a repository, from the first file that has one.
pub(super) fn find(
    files: &[PathBuf],
    registry: &str,
    repository: &str,
    warn: &dyn Fn(Diagnostic),
) -> Option<Login> {
    files.iter().find_map(|file| {
        let mut faults = Vec::new();
        let found = read(file, &mut faults)
            .and_then(|config| of(&config, registry, repository, &mut faults));
        if !faults.is_empty() {
            let title = format!("`{}` is not read as a whole", file.display());
            let diagnostic = Diagnostic::warning(code::REGISTRY_LOGINS, title);
            warn(diagnostic.with_why(faults.join("; ")).with_help("mend it, or log in again"));
        }
        found
    })
}

fn read(file: &Path, faults: &mut Vec<String>) -> Option<Map<String, Value>> {
    let bytes = match host::read(file, MAX_FILE) {
        Ok(bytes) => bytes,
        Err(error) => {
            let absent =
                matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory);
            if !absent {
                faults.push(describe_io(&error));
            }
            return None;
        }
    };
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(config)) => Some(config),
        // podman makes an empty one before it writes it.
        _ if bytes.is_empty() => None,
        Ok(_) => {
            faults.push("it is not a JSON object".to_owned());
            None
        }
        Err(error) => {
            faults.push(error.to_string());
            None
        }
    }
}

/// The login that a file has: by the helper for the registry, then in the file itself.
fn of(
    config: &Map<String, Value>,
    registry: &str,
    repository: &str,
    faults: &mut Vec<String>,
) -> Option<Login> {
    let wanted = Key::of(registry, repository);
    let auths = object(config, "auths", faults);
    let mut found: Vec<(usize, &str, Login)> = Vec::new();
    for (name, entry) in auths.into_iter().flatten() {
        match decode(entry) {
            Ok(Some(login)) => {
                if let Some(specific) = Key::parse(name).and_then(|key| key.fits(&wanted)) {
                    found.push((specific, name, login));
                }
            }
            Ok(None) => {}
            Err(why) => faults.push(format!("`auths` of `{name}`: {why}")),
        }
    }
    if let Some(helper) = helper(config, &wanted, faults)
        && let Some(login) = ask(&helper, &wanted.spellings(), faults)
    {
        return Some(login);
    }
    // Of two spellings of one key the shorter is the plain one.
    found.sort_by_key(|(specific, name, _)| (usize::MAX - specific, name.len()));
    found.into_iter().next().map(|(_, _, login)| login)
}

/// The helper that keeps the logins for a registry.
fn helper(config: &Map<String, Value>, wanted: &Key, faults: &mut Vec<String>) -> Option<String> {
    let mut found = None;
    for (name, helper) in object(config, "credHelpers", faults).into_iter().flatten() {
        match helper.as_str() {
            Some(helper) if Key::parse(name).is_some_and(|key| key.host == wanted.host) => {
                found = Some(helper.to_owned());
            }
            Some(_) => {}
            None => faults.push(format!("`credHelpers` of `{name}`: it is not a string")),
        }
    }
    let store = match config.get("credsStore") {
        None | Some(Value::Null) => None,
        Some(Value::String(store)) => Some(store.clone()),
        Some(_) => {
            faults.push("`credsStore` is not a string".to_owned());
            None
        }
    };
    let helper = found.or(store).filter(|helper| !helper.is_empty())?;
    if helper.contains('/') {
        faults.push(format!("`{helper}` is not the name of a credential helper"));
        return None;
    }
    Some(helper)
}

fn object<'c>(
    config: &'c Map<String, Value>,
    name: &str,
    faults: &mut Vec<String>,
) -> Option<&'c Map<String, Value>> {
    match config.get(name)? {
        Value::Object(object) => Some(object),
        Value::Null => None,
        _ => {
            faults.push(format!("`{name}` is not an object"));
            None
        }
    }
}

/// What a key of a file stands for: a registry, and the beginning of a path in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    host: String,
    path: Vec<String>,
}

impl Key {
    fn of(registry: &str, repository: &str) -> Self {
        Key { host: host_of(registry), path: repository.split('/').map(str::to_owned).collect() }
    }

    /// `host`, `host/namespace`, `https://host`, `https://host/v1/`: what docker and podman have written at some
    /// time.
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix("https://").or(text.strip_prefix("http://")).unwrap_or(text);
        let mut parts = text.trim_end_matches('/').split('/');
        let host = host_of(parts.next().filter(|host| !host.is_empty())?);
        let mut path: Vec<String> = parts.map(str::to_owned).collect();
        if matches!(path.as_slice(), [version] if version == "v1" || version == "v2") {
            path.clear();
        }
        Some(Key { host, path })
    }

    /// How much of a wanted repository it names; none when it is another.
    fn fits(&self, wanted: &Key) -> Option<usize> {
        let fits = self.host == wanted.host && wanted.path.starts_with(&self.path);
        fits.then_some(self.path.len())
    }

    /// What a helper may know a registry by.
    fn spellings(&self) -> Vec<String> {
        let own = if self.host == "docker.io" { DOCKER_HUB } else { &self.host };
        vec![own.to_owned(), format!("https://{}", self.host)]
    }
}

/// A host as it is compared: in lower case, without the usual port, and Docker Hub by one name.
fn host_of(text: &str) -> String {
    let host = text.to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host);
    match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        other => other.to_owned(),
    }
}

/// The login of an entry of `auths`; none where only the helper has it.
fn decode(entry: &Value) -> Result<Option<Login>, String> {
    let Value::Object(entry) = entry else {
        return Err("it is not an object".to_owned());
    };
    let text = |name: &str| match entry.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(format!("`{name}` is not a string")),
    };
    if let Some(token) = text("identitytoken")? {
        return Ok(Some(Login::Identity(token.to_owned())));
    }
    if let Some(token) = text("registrytoken")? {
        return Ok(Some(Login::Registry(token.to_owned())));
    }
    if let (Some(user), Some(password)) = (text("username")?, text("password")?) {
        let (user, password) = (user.to_owned(), password.to_owned());
        return Ok(Some(Login::Password { user, password }));
    }
    let Some(auth) = text("auth")? else { return Ok(None) };
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let packed: String = auth.split_whitespace().collect();
    let decoded = GeneralPurpose::new(&ALPHABET, lenient)
        .decode(packed)
        .map_err(|_| "`auth` is not base64".to_owned())?;
    let decoded = String::from_utf8(decoded).map_err(|_| "`auth` is not UTF-8".to_owned())?;
    let (user, password) =
        decoded.split_once(':').ok_or_else(|| "`auth` has no colon in it".to_owned())?;
    let password = password.trim_end_matches('\0').to_owned();
    Ok(Some(Login::Password { user: user.to_owned(), password }))
}

/// Asks a credential helper for what it knows by one of these names.
fn ask(helper: &str, names: &[String], faults: &mut Vec<String>) -> Option<Login> {
    let program = format!("docker-credential-{helper}");
    for name in names {
        match answer(&program, name) {
            Ok(None) => {}
            Ok(login) => return login,
            Err(why) => {
                faults.push(format!("`{program}` of it: {why}"));
                break;
            }
        }
    }
    None
}

/// The answer of a credential helper, by docker's protocol: the registry in, JSON out.
fn answer(program: &str, name: &str) -> Result<Option<Login>, String> {
    let words = |error: &io::Error| describe_io(error);
    let end = host::ask(program, &["get"], name.as_bytes()).map_err(|error| words(&error))?;
    if !end.success {
        let said = [end.output.trim(), end.errors.trim()].join(" ").trim().to_owned();
        return match said.as_str() {
            "" => Err("it failed".to_owned()),
            said if said.contains("credentials not found") => Ok(None),
            said => Err(said.to_owned()),
        };
    }
    let json: Value = serde_json::from_str(&end.output).map_err(|error| error.to_string())?;
    let text = |name: &str| json.get(name).and_then(Value::as_str);
    match (text("Username"), text("Secret")) {
        (_, Some("")) => Ok(None),
        (Some(TOKEN_USER), Some(token)) => Ok(Some(Login::Identity(token.to_owned()))),
        (Some(user), Some(password)) => {
            Ok(Some(Login::Password { user: user.to_owned(), password: password.to_owned() }))
        }
        _ => Err("it answers without `Username` and `Secret`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(user: &str, password: &str) -> Login {
        Login::Password { user: user.to_owned(), password: password.to_owned() }
    }

    fn found(config: &Value, place: &str) -> (Option<Login>, Vec<String>) {
        let Value::Object(config) = config else { panic!("{config}") };
        let (registry, repository) = place.split_once('/').unwrap();
        let mut faults = Vec::new();
        let login = of(config, registry, repository, &mut faults);
        (login, faults)
    }

    fn auths(entries: &[(&str, &str)]) -> Value {
        let entries = entries.iter().map(|(key, user)| {
            let auth = STANDARD.encode(format!("{user}:pw"));
            ((*key).to_owned(), serde_json::json!({ "auth": auth }))
        });
        serde_json::json!({ "auths": entries.collect::<Map<_, _>>() })
    }

    #[test]
    fn every_spelling_of_a_key() {
        for (key, place, fits) in [
            ("x:5000", "x:5000/a", true),
            ("x", "x/a", true),
            ("x", "y/a", false),
            ("x", "x:5000/a", false),
            ("x:443", "x/a", true),
            ("X.Example", "x.example/a", true),
            ("https://x", "x/a", true),
            ("http://x", "x/a", true),
            ("https://x/", "x/a", true),
            ("https://x/v1/", "x/a", true),
            ("https://x/v2/", "x/a", true),
            ("x/v2", "x/a", true),
            ("x/a", "x/a", true),
            ("x/a", "x/a/b", true),
            ("x/a/b", "x/a", false),
            ("x/a", "x/ab", false),
            ("https://x/a", "x/a/b", true),
            (DOCKER_HUB, "docker.io/library/a", true),
            ("docker.io", "docker.io/library/a", true),
            ("index.docker.io", "docker.io/library/a", true),
            ("https://registry-1.docker.io", "docker.io/me/a", true),
            ("docker.io/me", "docker.io/me/a", true),
            ("docker.io/me", "docker.io/you/a", false),
            ("docker.io.example", "docker.io/a", false),
            ("", "x/a", false),
            ("https://", "x/a", false),
        ] {
            let expected = fits.then(|| password("u", "pw"));
            assert_eq!(found(&auths(&[(key, "u")]), place).0, expected, "{key} for {place}");
        }
    }

    #[test]
    fn the_most_specific_key_comes_first() {
        let all = auths(&[
            ("https://x/v1/", "old"),
            ("x", "host"),
            ("x/a", "namespace"),
            ("x/a/b", "repository"),
            ("x/c", "other"),
        ]);
        for (place, user) in [
            ("x/a/b", "repository"),
            ("x/a/b/c", "repository"),
            ("x/a/c", "namespace"),
            ("x/d", "host"),
            ("x/c/a", "other"),
        ] {
            assert_eq!(found(&all, place).0, Some(password(user, "pw")), "{place}");
        }
    }

    #[test]
    fn every_form_of_an_entry() {
        let plain = STANDARD.encode("a:b:c");
        let unpadded = STANDARD.encode("me:secret").replace('=', "");
        let identity = Some(Login::Identity("t".to_owned()));
        for (entry, expected) in [
            (serde_json::json!({ "auth": plain }), Some(password("a", "b:c"))),
            (serde_json::json!({ "auth": unpadded }), Some(password("me", "secret"))),
            (serde_json::json!({ "auth": format!("{plain}\n") }), Some(password("a", "b:c"))),
            (serde_json::json!({ "auth": STANDARD.encode("a:b\0\0") }), Some(password("a", "b"))),
            (serde_json::json!({ "username": "u", "password": "p" }), Some(password("u", "p"))),
            (serde_json::json!({ "identitytoken": "t" }), identity.clone()),
            (serde_json::json!({ "auth": plain, "identitytoken": "t" }), identity),
            (serde_json::json!({ "registrytoken": "t" }), Some(Login::Registry("t".to_owned()))),
            (
                serde_json::json!({ "auth": plain, "identitytoken": "", "email": 3 }),
                Some(password("a", "b:c")),
            ),
            (serde_json::json!({}), None),
            (serde_json::json!({ "auth": null }), None),
        ] {
            let config = serde_json::json!({ "auths": { "x": entry } });
            let (login, faults) = found(&config, "x/a");
            assert!(login == expected && faults.is_empty(), "{config} {faults:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_gone_over() {
        let good = serde_json::json!({ "auth": STANDARD.encode("u:pw") });
        for (config, fault) in [
            (serde_json::json!({ "auths": { "x": good, "y": null } }), "`auths` of `y`"),
            (serde_json::json!({ "auths": { "x": good, "x/a": 3 } }), "`auths` of `x/a`"),
            (
                serde_json::json!({ "auths": { "x": good, "x/a": { "auth": 3 } } }),
                "`auth` is not a string",
            ),
            (serde_json::json!({ "auths": { "x": good, "y": { "auth": "%%%" } } }), "not base64"),
            (serde_json::json!({ "auths": { "x": good, "y": { "auth": "AAAA" } } }), "no colon"),
            (serde_json::json!({ "auths": { "x": good, "y": { "auth": "/w==" } } }), "not UTF-8"),
            (serde_json::json!({ "auths": { "x": good }, "credHelpers": 3 }), "`credHelpers`"),
            (
                serde_json::json!({ "auths": { "x": good }, "credHelpers": { "x": null } }),
                "`credHelpers` of `x`",
            ),
            (serde_json::json!({ "auths": { "x": good }, "credsStore": ["a"] }), "`credsStore`"),
            (serde_json::json!({ "auths": { "x": good }, "credsStore": "../x" }), "`../x`"),
            (
                serde_json::json!({ "auths": { "x": good }, "credsStore": "of-nobody-at-all" }),
                "`docker-credential-of-nobody-at-all`",
            ),
        ] {
            let (login, faults) = found(&config, "x/a");
            assert_eq!(login, Some(password("u", "pw")), "{config}");
            assert!(faults.len() == 1 && faults[0].contains(fault), "{config}: {faults:?}");
        }
        let (login, faults) = found(&serde_json::json!({ "auths": [] }), "x/a");
        assert!(login.is_none() && faults == ["`auths` is not an object"]);
    }
}
