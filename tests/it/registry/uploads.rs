//! Blobs and manifests: what counts as done, what is tried again, and what need not be sent.

use super::*;
use fake::unauthorized;

#[test]
fn any_success_is_one() {
    for status in [200, 201, 202, 204] {
        let mut none = Fake::new();
        for (method, path) in [("PUT", "/v2/team/app/manifests"), ("PUT", "/v2/team/app/blobs")] {
            none = none.answers(9, method, path, move |_| reply(status));
        }
        let server = none.start();
        assert_eq!(User::new().push(&server.host()).unwrap().sent, 1, "{status}");
        let begins = Fake::new().answers(1, "POST", "/v2/", move |_| {
            reply(status).header("Location", "/v2/team/app/blobs/uploads/u")
        });
        begins.state().uploads.insert("u".to_owned(), Vec::new());
        let server = begins.start();
        assert_eq!(User::new().push(&server.host()).unwrap().sent, 1, "{status}");
    }
}

#[test]
fn what_is_refused_is_refused_once() {
    for status in [400, 403, 404, 405, 409, 413, 415, 501, 507] {
        let body = r#"{"errors":[{"code":"DENIED","message":"not yours"}]}"#;
        let fake = Fake::new()
            .answers(9, "PUT", "/v2/team/app/manifests", move |_| reply(status).body(body));
        let server = fake.start();
        let said = User::new().fails(&server.host());
        assert!(
            said.contains(&format!("{status} ")) && said.contains("DENIED not yours"),
            "{said}"
        );
        let puts = server.lines().iter().filter(|line| line.contains("manifests")).count();
        assert_eq!(puts, 1, "{status}");
    }
}

#[test]
fn what_can_pass_is_tried_again() {
    for status in [408, 425, 429, 500, 502, 503, 504] {
        for (method, path) in [
            ("HEAD", "/v2/team/app/blobs"),
            ("POST", "/v2/team/app/blobs"),
            ("PUT", "/v2/team/app/blobs"),
            ("PUT", "/v2/team/app/manifests"),
        ] {
            let fake = Fake::new()
                .answers(2, method, path, move |_| reply(status).header("Retry-After", "0"));
            let user = User::new();
            let pushed = user.push(&fake.start().host());
            assert_eq!(pushed.unwrap().sent, 1, "{status} {method} {path}");
        }
    }
    let fake = Fake::new().answers(99, "HEAD", "/v2/team", |_| {
        // A date is a wait as well, of which no clock here tells how long it is.
        reply(503).header("Retry-After", "Fri, 31 Dec 1999 23:59:59 GMT")
    });
    let server = fake.start();
    let said = User::new().fails(&server.host());
    assert!(said.contains("in 3 attempts") && said.contains("503"), "{said}");
    assert_eq!(server.lines().len(), 3);
}

/// Large bodies wait for the registry's word; some servers do not know that.
#[test]
fn a_registry_that_gives_no_word_gets_the_blob() {
    let fake =
        Fake::new().rule(|request, _| request.header("expect").map(|_| Plan::Answer(reply(417))));
    let server = fake.start();
    let user = User::new().with_blob(large()).with_blob(vec![1; 100_000]);
    assert_eq!(user.push(&server.host()).unwrap().sent, 3);
    let asked = server.seen().iter().filter(|request| request.header("expect").is_some()).count();
    assert_eq!(asked, 1, "it is not asked again");
    // 417 for something else is a refusal as any other.
    let fake = Fake::new().answers(9, "PUT", "/v2/team/app/blobs", |_| reply(417));
    let said = User::new().with_blob(large()).fails(&fake.start().host());
    assert!(said.contains("417"), "{said}");
}

/// What the other side has already is not sent once more.
#[test]
fn an_upload_that_breaks_off_goes_on() {
    for (cut, rest) in [(1_000_000, 2_000_000), (2_999_999, 1), (1, 3_000_000), (3_000_000, 0)] {
        let mut first = true;
        let fake = Fake::new().rule(move |request, _| {
            let now = first && request.is("PUT", "/v2/team/app/blobs");
            first &= !now;
            now.then_some(Plan::Cut(cut))
        });
        let server = fake.start();
        let mut user = User::new();
        user.blobs = vec![large()];
        assert_eq!(user.push(&server.host()).unwrap().sent, 1, "{cut}");
        assert!(fake.has_blob("team/app", &Digest::of(&large()).to_string()), "{cut}");
        let seen = server.seen();
        let blobs = seen.iter().filter(|request| request.path().contains("/blobs/"));
        assert_eq!(blobs.map(|request| request.body.len()).sum::<usize>(), rest, "{cut}");
    }
}

#[test]
fn an_upload_that_the_registry_has_forgotten_begins_anew() {
    type Asked = fn() -> server::Reply;
    let answers: [(&str, Asked); 8] = [
        ("unknown", || reply(404)),
        ("no such method", || reply(405)),
        ("no range", || reply(204)),
        ("a strange range", || reply(204).header("Range", "7-9")),
        ("more than there is", || reply(204).header("Range", "0-9999999999")),
        ("no number", || reply(204).header("Range", "0-x")),
        ("a range that is not so", || reply(204).header("Range", "0-4999")),
        ("not to be asked", || unauthorized(&[])),
    ];
    for (what, answer) in answers {
        let mut first = true;
        let fake = Fake::new()
            .answers(9, "GET", "/v2/team/app/blobs/uploads", move |_| answer())
            .rule(move |request, _| {
                let now = first && request.is("PUT", "/v2/team/app/blobs");
                first &= !now;
                now.then_some(Plan::Cut(1_000_000))
            });
        let server = fake.start();
        let mut user = User::new();
        user.blobs = vec![large()];
        assert_eq!(user.push(&server.host()).unwrap().sent, 1, "{what}");
        assert!(fake.has_blob("team/app", &Digest::of(&large()).to_string()), "{what}");
        let posts = server.lines().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, 2, "{what}");
    }
}

#[test]
fn an_upload_that_always_breaks_off_ends() {
    let fake = Fake::new()
        .rule(|request, _| request.is("PUT", "/v2/team/app/blobs").then_some(Plan::Cut(0)));
    let server = fake.start();
    let user = User::new().with_blob(large());
    let said = user.fails(&server.host());
    assert!(said.contains("cannot upload a blob, in 3 attempts"), "{said}");
    assert!(said.contains("broke off"), "{said}");
    assert!(!fake.has_tag("team/app", "v1"));
}

#[test]
fn an_answer_with_another_digest_is_an_error() {
    let other = format!("sha256:{}", "0".repeat(64));
    for path in ["/v2/team/app/manifests", "/v2/team/app/blobs"] {
        let other = other.clone();
        let fake = Fake::new()
            .answers(9, "PUT", path, move |_| reply(201).header("Docker-Content-Digest", &other));
        let said = User::new().fails(&fake.start().host());
        assert!(said.contains("registry/wrong-digest"), "{said}");
    }
}

#[test]
fn a_blob_of_another_repository_is_mounted() {
    let fake = Fake::new();
    let digest = fake.add_blob("base/image", &large());
    let server = fake.start();
    let mut user = User::new().with_blob(large());
    user.mount_from = vec!["other/one".to_owned(), "base/image".to_owned(), "team/app".to_owned()];
    let pushed = user.push(&server.host()).unwrap();
    assert_eq!((pushed.sent, pushed.mounted, pushed.known), (1, 1, 0));
    assert!(fake.has_blob("team/app", &digest));
    let seen = server.seen();
    let mount = seen.iter().find(|request| !request.query("mount").is_empty()).unwrap();
    assert_eq!(
        (mount.query("mount"), mount.query("from")),
        (vec![digest], vec!["base/image".to_owned()])
    );
    assert!(!seen.iter().any(|request| request.body.len() > 1000));
    assert!(fake.state().uploads.is_empty(), "nothing is begun that is not ended");
}

/// What the token is for is asked for in one go; who may not read the other repository sends the blob.
#[test]
fn a_mount_needs_leave_to_read() {
    for allowed in [true, false] {
        let realm = Server::trusted(None, move |request: &Request| {
            if request.query("scope").len() > 1 && !allowed {
                return reply(403).body(r#"{"details":"not that one"}"#);
            }
            reply(200).body(r#"{"token":"token-1"}"#)
        });
        let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
        let fake =
            Fake::new().guarded(&["Bearer token-1"], &[challenge]).rule(move |request, _| {
                let foreign =
                    request.path().starts_with("/v2/base") || !request.query("mount").is_empty();
                (foreign && !allowed).then(|| Plan::Answer(reply(403)))
            });
        fake.add_blob("base/image", b"shared");
        let server = fake.start();
        let mut user = User::logged_in(&server.host()).with_blob(b"shared".to_vec());
        user.mount_from = vec!["base/image".to_owned()];
        let pushed = user.push(&server.host()).unwrap();
        assert_eq!((pushed.mounted, pushed.sent), if allowed { (1, 1) } else { (0, 2) });
        let scopes = realm.seen()[0].query("scope");
        assert_eq!(scopes, ["repository:team/app:pull,push", "repository:base/image:pull"]);
    }
}

#[test]
fn a_mount_that_does_not_work_is_an_upload() {
    for status in [202, 400, 401, 403, 404, 405] {
        let fake = Fake::new().rule(move |request, state| {
            (!request.query("mount").is_empty()).then(|| {
                state.uploads.insert("m".to_owned(), Vec::new());
                let place = "/v2/team/app/blobs/uploads/m";
                Plan::Answer(reply(status).header("Location", place))
            })
        });
        fake.add_blob("base/image", b"shared");
        let server = fake.start();
        let mut user = User::logged_in(&server.host());
        user.blobs = vec![b"shared".to_vec()];
        user.mount_from = vec!["base/image".to_owned()];
        assert_eq!(user.push(&server.host()).unwrap().sent, 1, "{status}");
        let posts = server.lines().iter().filter(|line| line.starts_with("POST")).count();
        assert_eq!(posts, if status == 202 { 1 } else { 2 }, "{status}");
    }
}

/// A file that changes or cannot be read ends a push, and leaves no tag.
#[test]
fn a_source_that_cannot_be_read_ends_the_push() {
    struct Broken(bool);
    impl Blob for Broken {
        fn digest(&self) -> Digest {
            Digest::of(b"x")
        }
        fn size(&self) -> u64 {
            5_000_000
        }
        fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError> {
            out.write_all(&vec![0; 2_000_000]).map_err(BlobError::Output)?;
            if self.0 {
                return Ok(());
            }
            Err(BlobError::Source(Box::new(Diagnostic::error(
                bimanix::explain::code::IMAGE_SOURCE,
                "cannot read `x`",
            ))))
        }
    }
    for short in [false, true] {
        let fake = Fake::new();
        let server = fake.start();
        let to = Reference {
            host: server.host(),
            repository: "team/app".to_owned(),
            tag: "v1".to_owned(),
        };
        let manifest = Manifest {
            bytes: Vec::new(),
            media_type: MANIFEST.to_owned(),
            digest: Digest::of(b""),
        };
        let watch = Watch { progress: &|_| (), warn: &|_| () };
        let mut blobs: Vec<Box<dyn Blob>> = vec![Box::new(Broken(short))];
        let settings = User::new().settings;
        let (error, _) =
            registry::push(&to, &mut blobs, std::slice::from_ref(&manifest), &[], &settings, watch)
                .unwrap_err();
        let said = words(&error);
        assert!(said.contains(if short { "in 3 attempts" } else { "cannot read `x`" }), "{said}");
        assert!(!fake.has_tag("team/app", "v1"));
    }
}
