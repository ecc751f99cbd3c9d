//! `bimanix push` as it is typed: its arguments, the environment, what it prints and how it ends.

use super::*;
use crate::support::{bimanix, kernel};
use std::net::TcpListener;
use std::process::Output;

/// A project whose image is called `name`, and a user's folder with a login in it.
struct Project {
    folder: Folder,
}

impl Project {
    fn new(name: &str) -> Self {
        let folder = Folder::new();
        folder.write("kernel", kernel());
        folder.write(
            "args.nix",
            format!(
                "{{ name = \"{name}\"; tag = \"v1\"; files.\"kernel\" = \"/k\"; annotations = {{ \
                 unikernelType = \"unikraft\"; hypervisor = \"qemu\"; binary = \"/k\"; cmdline = \"x\"; }}; }}"
            ),
        );
        Project { folder }
    }

    fn login(self, registry: &str) -> Self {
        let entry = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        let config = format!(r#"{{"auths":{{"{registry}":{entry}}}}}"#);
        self.folder.write("docker/config.json", config);
        self
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = bimanix(self.folder.path());
        command.env("DOCKER_CONFIG", self.folder.path().join("docker"));
        command.envs(variables.iter().copied()).arg("push").args(arguments);
        command.output().unwrap()
    }

    fn done(&self, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let output = self.run(arguments, variables);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap() + &said
    }

    fn fails(&self, code: i32, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let output = self.run(arguments, variables);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        said
    }
}

#[test]
fn a_reference_may_be_alone() {
    let fake = Fake::new();
    let server = fake.start();
    let project = Project::new("hello");
    let to = |tag: &str| format!("{}/team/app:{tag}", server.host());
    project.done(&[&to("a")], &[]);
    project.done(&[".", &to("b")], &[]);
    project.done(&["args.nix", &to("c")], &[]);
    let bytes = bimanix(project.folder.path()).arg("build").output().unwrap();
    assert!(bytes.status.success());
    project.done(&["result", &to("d")], &[]);
    for tag in ["a", "b", "c", "d"] {
        assert!(fake.has_tag("team/app", tag), "{tag}");
    }
    // A folder that is called as a registry is a folder.
    std::fs::create_dir(project.folder.path().join("x.example")).unwrap();
    let said = project.fails(1, &["x.example/app"], &[]);
    assert!(said.contains("recipe/input") && said.contains("x.example/app"), "{said}");
    // What looks like the name of a file is one.
    for file in ["nothing.nix", "x.invalid/nothing.nix", "nothing", "./a/b", "../a.b/c", "/a.b/c:d"]
    {
        let said = project.fails(1, &[file], &[]);
        assert!(said.contains("recipe/input") && said.contains(file), "{said}");
    }
}

#[test]
fn a_registry_is_never_taken_for_granted() {
    // Whoever asked Docker Hub would come here.
    let proxy = Server::stranger(None, |_: &Request| reply(502));
    let hub = ("https_proxy", &*proxy.host());
    let archive = Project::new("hello");
    assert!(bimanix(archive.folder.path()).arg("build").output().unwrap().status.success());
    for (project, arguments, word) in [
        (Project::new("hello"), vec![], "`hello:v1` names no registry"),
        (Project::new("me/hello"), vec![], "`me/hello:v1` names no registry"),
        (Project::new("hello"), vec![".", "hello:v2"], "`hello:v2` names no registry"),
        (Project::new("x.example/a"), vec![".", "me/hello"], "`me/hello` names no registry"),
        (
            Project::new("hello"),
            vec!["hello:v2"],
            "`hello:v2` is not a file, and names no registry",
        ),
        (archive, vec!["result"], "`docker.io/library/hello:v1` names no registry"),
    ] {
        let said = project.fails(1, &arguments, &[hub]);
        assert!(said.contains(word) && said.contains("error[push/reference]"), "{said}");
        assert!(said.contains("`registry.example.org/") && said.contains("docker.io/"), "{said}");
        assert!(!said.contains("kept") && !said.contains("attempts"), "{said}");
    }
    assert!(proxy.seen().is_empty());
    let said = Project::new("docker.io/me/hello").fails(3, &[], &[hub]);
    assert!(said.contains("registry-1.docker.io"), "{said}");
}

#[test]
fn logins_are_those_of_docker_and_podman() {
    let server = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).start();
    let host = server.host();
    let to = format!("{host}/team/app:v1");
    let project = Project::new("hello").login(&host);
    project.done(&[&to], &[]);
    let folder = project.folder.path().to_str().unwrap().to_owned();
    let entry = std::fs::read_to_string(project.folder.path().join("docker/config.json")).unwrap();
    std::fs::remove_dir_all(project.folder.path().join("docker")).unwrap();
    for (file, variable, value) in [
        (".docker/config.json", "HOME", ""),
        (".config/containers/auth.json", "HOME", ""),
        ("a/auth", "REGISTRY_AUTH_FILE", "/a/auth"),
        ("run/containers/auth.json", "XDG_RUNTIME_DIR", "/run"),
        ("c/containers/auth.json", "XDG_CONFIG_HOME", "/c"),
    ] {
        let path = project.folder.write(file, &entry);
        let value = format!("{folder}{value}");
        let mut command = bimanix(project.folder.path());
        let output = command.env(variable, value).args(["push", &to]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{file}: {said}");
        std::fs::remove_file(path).unwrap();
    }
    let said = project.fails(3, &[&to], &[]);
    assert!(said.contains("error[registry/login]") && said.contains("podman login"), "{said}");
    project.folder.write("docker/config.json", "{");
    let said = project.fails(3, &[&to], &[]);
    let warning = format!("warning[registry/logins]: `{folder}/docker/config.json` is not read");
    assert!(said.starts_with(&warning), "{said}");
}

#[test]
fn credential_helpers_are_asked() {
    use std::os::unix::fs::PermissionsExt as _;
    let realm = Server::trusted(None, |request: &Request| {
        let form = String::from_utf8(request.body.clone()).unwrap();
        let known = request.authorization() == Some(BASIC) || form.contains("=token-of-me");
        if known { reply(200).body(r#"{"token":"token-1"}"#) } else { reply(401) }
    });
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start();
    let host = server.host();
    let to = format!("{host}/team/app:v1");
    let project = Project::new("hello");
    let path = format!("{}:/bin:/usr/bin", project.folder.path().display());
    let variables = [("PATH", path.as_str())];
    let not_found = "echo 'credentials not found in native keychain'; exit 1".to_owned();
    let answer = |user: &str, secret: &str| {
        let json = format!(r#"{{"ServerURL":"","Username":"{user}","Secret":"{secret}"}}"#);
        format!("read -r host; if [ \"$host\" = {host} ]; then echo '{json}'; else {not_found}; fi")
    };
    for (config, script, fits, warns) in [
        (r#"{"credsStore":"test"}"#, answer(USER, PASSWORD), true, ""),
        (
            r#"{"credHelpers":{"HOST":"test"},"credsStore":"absent"}"#,
            answer(USER, PASSWORD),
            true,
            "",
        ),
        (r#"{"credHelpers":{"https://HOST":"test"}}"#, answer(USER, PASSWORD), true, ""),
        (
            r#"{"credsStore":"test","auths":{"HOST":{}}}"#,
            answer("<token>", "token-of-me"),
            true,
            "",
        ),
        (r#"{"credsStore":"test"}"#, answer("<token>", "other"), false, ""),
        (r#"{"credsStore":"test"}"#, answer(USER, ""), false, ""),
        (r#"{"credsStore":"test"}"#, not_found.clone(), false, ""),
        (r#"{"credsStore":"test","auths":{"HOST":ENTRY}}"#, not_found.clone(), true, ""),
        (
            r#"{"credsStore":"test","auths":{"HOST":ENTRY}}"#,
            "exit 3".to_owned(),
            true,
            "docker-credential-test",
        ),
        (
            r#"{"credsStore":"test"}"#,
            "echo no; exit 1".to_owned(),
            false,
            "docker-credential-test` of it: no",
        ),
        (r#"{"credsStore":"test"}"#, "echo '{}'".to_owned(), false, "without `Username`"),
        (r#"{"credsStore":"test"}"#, "echo nonsense".to_owned(), false, "docker-credential-test"),
        (r#"{"credsStore":"absent"}"#, String::new(), false, "docker-credential-absent"),
    ] {
        let entry = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        let config = config.replace("HOST", &host).replace("ENTRY", &entry);
        project.folder.write("docker/config.json", &config);
        let helper =
            project.folder.write("docker-credential-test", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&helper, std::fs::Permissions::from_mode(0o755)).unwrap();
        let output = project.run(&[&to], &variables);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.success(), fits, "{config} {script}: {said}");
        assert_eq!(said.contains("warning["), !warns.is_empty(), "{config} {script}: {said}");
        assert!(said.contains(warns), "{config} {script}: {said}");
    }
}

#[test]
fn flags_say_how_to_get_there() {
    let authority = Authority::new();
    let tls = Fake::new().start_tls(&authority.server(&["127.0.0.1"]));
    let project = Project::new("hello");
    let ca = project.folder.write("ca.pem", authority.pem());
    let to = format!("{}/team/app:v1", tls.host());
    project.done(&[&to, "--ca", "ca.pem"], &[]);
    project.done(&[&to], &[("SSL_CERT_FILE", ca.to_str().unwrap())]);
    let said = project.fails(3, &[&to], &[]);
    assert!(said.contains("error[registry/certificate]") && said.contains("--ca FILE"), "{said}");
    // A machine that trusts nobody, as a container with nothing in it.
    let nobody = ("SSL_CERT_FILE", "/nowhere.pem");
    let said = project.fails(3, &[&to], &[nobody]);
    assert!(said.contains("no authority that this machine trusts has signed it"), "{said}");
    let plain = Fake::new().start();
    project.done(&[&format!("{}/team/app:v1", plain.host())], &[nobody]);
    project.done(&[&to, "--ca", "ca.pem"], &[nobody]);
    let said = project.fails(3, &[&to, "--ca", "nothing.pem"], &[]);
    assert!(said.contains("`nothing.pem`") && said.contains("no such file"), "{said}");
    let said = project.fails(3, &[&to, "--plain-http"], &[]);
    assert!(said.contains("error[registry/"), "{said}");
    let plain = Fake::new().start();
    project.done(&[&format!("{}/team/app", plain.host()), "--plain-http"], &[]);
    assert_eq!(plain.hellos(), 0);
    for wrong in [
        vec!["--plain-http", "--ca", "ca.pem"],
        vec!["--connect-timeout", "0"],
        vec!["--send-timeout", "-1"],
        vec!["--answer-timeout", "soon"],
        vec!["--answer-timeout", "1e9"],
        vec!["--answer-timeout", "NaN"],
    ] {
        let said = project.fails(2, &[&[to.as_str()], &wrong[..]].concat(), &[]);
        assert!(said.contains("error:"), "{said}");
    }
}

#[test]
fn limits_are_flags() {
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("{}/team/app:v1", deaf.local_addr().unwrap());
    let project = Project::new("hello");
    let said = project.fails(3, &[&to, "--connect-timeout", "0.05"], &[]);
    assert!(said.contains("no connection for 0.05 s"), "{said}");
    assert!(said.contains("registry/timeout") && !said.contains("attempts"), "{said}");
    // What takes too long is tried again, long before the usual limits are over.
    project.folder.write("data", vec![7; 16_000_000]);
    let args = std::fs::read_to_string(project.folder.path().join("args.nix")).unwrap();
    let args = args.replacen("files.", "files.\"data\" = \"/data\"; files.", 1);
    project.folder.write("large.nix", args);
    for (method, file, flag) in [
        ("HEAD", "args.nix", "--answer-timeout"),
        // So much does not fit into the buffers of a connection.
        ("PUT", "large.nix", "--send-timeout"),
    ] {
        let mut stalls = true;
        let fake = Fake::new().rule(move |request, _| {
            let now = stalls
                && request.is(method, "/v2/team")
                && (method == "HEAD" || request.header("content-length").unwrap().len() > 7);
            stalls &= !now;
            now.then_some(Plan::Stall)
        });
        let server = fake.start();
        let to = format!("{}/team/app:v1", server.host());
        project.done(&[file, &to, flag, "1"], &[]);
        let attempts = server.lines().iter().filter(|line| line.starts_with(method)).count();
        assert!(attempts >= if method == "HEAD" { 4 } else { 6 }, "{method}: {attempts}");
    }
}

#[test]
fn proxies_are_those_of_the_environment() {
    let proxy = Server::stranger(None, |_: &Request| reply(407));
    let server = Fake::new().start();
    let host = proxy.host();
    let variables = [("http_proxy", host.as_str()), ("HTTPS_PROXY", &host), ("all_proxy", &host)];
    let project = Project::new("hello");
    project.done(&[&format!("{}/team/app:v1", server.host())], &variables);
    assert!(proxy.seen().is_empty());
    let said = project.fails(3, &["registry.invalid/team/app:v1"], &variables);
    assert!(said.contains("the proxy of `HTTPS_PROXY`") && said.contains("407"), "{said}");
    assert_eq!(proxy.seen().len(), 1);
    let past = [("all_proxy", host.as_str()), ("no_proxy", ".invalid")];
    let said = project.fails(3, &["registry.invalid/team/app:v1"], &past);
    assert!(said.contains("cannot reach `registry.invalid`"), "{said}");
    assert_eq!(proxy.seen().len(), 1);
}

#[test]
fn blobs_are_mounted_from_where_they_are() {
    let fake = Fake::new();
    let server = fake.start();
    let host = server.host();
    let project = Project::new(&format!("{host}/team/app"));
    project.done(&[], &[]);
    let pushed = |arguments: &[&str]| -> (u64, u64) {
        let said = project.done(&[&["--json"], arguments].concat(), &[]);
        let json: serde_json::Value = serde_json::from_str(&said).unwrap();
        (json["sentBlobs"].as_u64().unwrap(), json["mountedBlobs"].as_u64().unwrap())
    };
    // The image has been in the repository of its own name.
    assert_eq!(pushed(&[&format!("{host}/other/one:v1")]), (0, 3));
    assert!(bimanix(project.folder.path()).arg("build").output().unwrap().status.success());
    assert_eq!(pushed(&["result", &format!("{host}/other/two:v1")]), (0, 3));
    // Or where the user says.
    let elsewhere = Project::new("hello");
    for (number, from) in ["team/app".to_owned(), format!("{host}/team/app")].iter().enumerate() {
        let to = format!("{host}/third/n{number}:v1");
        let said = elsewhere.done(&[&to, "--mount-from", from], &[]);
        assert!(said.contains("taken from another repository"), "{said}");
    }
    let to = format!("{host}/third/x:v1");
    for (from, word) in [("other.example/team/app", "`other.example`"), ("Team", "is not a name")] {
        let said = elsewhere.fails(1, &[&to, "--mount-from", from], &[]);
        assert!(said.contains("error[push/mount]") && said.contains(word), "{said}");
    }
}

#[test]
fn what_was_sent_is_said_when_something_was() {
    let fake = Fake::new().answers(9, "PUT", "/v2/team/app/manifests", |_| reply(403));
    let server = fake.start();
    let project = Project::new("hello");
    let to = format!("{}/team/app:v1", server.host());
    let said = project.fails(3, &[&to], &[]);
    assert!(said.contains("the registry keeps the blobs that were sent: 3"), "{said}");
    assert!(said.contains("error[registry/refused]") && said.contains("403 Forbidden"), "{said}");
    let said = project.fails(3, &[&to], &[]);
    assert!(!said.contains("keeps"), "{said}");
}

#[test]
fn an_archive_is_unpacked_as_far_as_is_said() {
    let server = Fake::new().start();
    let project = Project::new("hello");
    assert!(bimanix(project.folder.path()).arg("build").output().unwrap().status.success());
    let to = format!("{}/team/app:v1", server.host());
    let said = project.fails(1, &["result", &to, "--max-unpacked", "100"], &[]);
    assert!(said.contains("--max-unpacked"), "{said}");
    project.done(&["result", &to, "--max-unpacked", "1M"], &[]);
    let said = project.fails(2, &["result", &to, "--max-unpacked", "many"], &[]);
    assert!(said.contains("--max-unpacked"), "{said}");
}
