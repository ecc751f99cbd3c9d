//! What a registry asks for, and where logins come from.

use super::*;
use fake::unauthorized;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A push to a registry that lets in who has the token, and asks with these challenges; `REALM` in them is where
/// tokens are given to these logins.
fn push_with_challenges(
    user_knows: bool,
    logins: &[&'static str],
    challenges: &[&str],
) -> Result<Pushed, Error> {
    let realm = Server::trusted(None, tokens(logins, "token-1"));
    let challenges: Vec<String> =
        challenges.iter().map(|text| text.replace("REALM", &realm.url("/token"))).collect();
    let fake = Fake::new().guarded(&["Bearer token-1", BASIC], &challenges);
    let server = fake.start();
    let user = if user_knows { User::logged_in(&server.host()) } else { User::new() };
    user.push(&server.host())
}

#[test]
fn the_first_challenge_that_can_be_met_is_met() {
    for challenges in [
        vec!["Bearer realm=\"REALM\",service=\"s\""],
        vec!["Negotiate, Bearer realm=\"REALM\""],
        vec!["Negotiate", "Bearer realm=\"REALM\""],
        vec!["Negotiate", "NTLM", "Basic realm=\"x\""],
        vec!["Basic realm=\"x\", Bearer realm=\"REALM\""],
        vec!["Bearer realm=\"REALM\", Basic realm=\"x\""],
        vec![
            "Digest realm=\"a, Bearer realm=\\\"b\\\"\", nonce=\"x\"",
            "Basic realm=\"say \\\"hi\\\"\"",
        ],
        vec!["Bearer realm = \"REALM\" , service = \"s\" , scope = \"x:y:z\""],
        vec!["bearer realm=\"REALM\""],
        vec!["BASIC realm=\"Zugang f\u{fc}r alle\""],
        vec!["Negotiate YIIabc==, Bearer realm=\"REALM\""],
        vec!["Bearer service=\"no realm\"", "Basic realm=\"x\""],
    ] {
        let pushed = push_with_challenges(true, &[BASIC], &challenges);
        assert_eq!(pushed.unwrap().sent, 1, "{challenges:?}");
    }
}

/// Without a login `Basic` cannot be met; tokens are given to anybody in some places.
#[test]
fn without_a_login_a_token_may_be_had() {
    for challenges in [
        vec!["Basic realm=\"x\"", "Bearer realm=\"REALM\""],
        vec!["Basic realm=\"x\", Bearer realm=\"REALM\""],
    ] {
        assert_eq!(push_with_challenges(false, &[""], &challenges).unwrap().sent, 1);
    }
    for challenges in [vec!["Basic realm=\"x\""], vec!["Bearer realm=\"REALM\""]] {
        let error = push_with_challenges(false, &[BASIC], &challenges).unwrap_err();
        let said = words(&error);
        assert!(said.contains("wants a login") && said.contains("none is known"), "{said}");
        assert!(said.contains("docker login"), "{said}");
    }
}

#[test]
fn what_cannot_be_met_is_named() {
    for (challenges, word) in [
        (vec!["Negotiate", "NTLM"], "it takes `Negotiate`, `NTLM`"),
        (vec![], "it does not say how"),
        (vec!["=,=\"=broken"], "it does not say how"),
        (vec!["Bearer realm=\"ftp://x.invalid/\""], "everybody on the way"),
    ] {
        let said = words(&push_with_challenges(true, &[BASIC], &challenges).unwrap_err());
        assert!(said.contains(word), "{challenges:?}: {said}");
    }
}

/// A registry that says no more than 401 says more at `/v2/`.
#[test]
fn a_refusal_without_a_challenge_is_looked_up() {
    let fake = Fake::new().rule(|request, _| {
        if request.authorization() == Some(BASIC) {
            return None;
        }
        let challenges = match request.path() {
            "/v2/" => vec!["Basic realm=\"x\"".to_owned()],
            _ => Vec::new(),
        };
        Some(Plan::Answer(unauthorized(&challenges)))
    });
    let server = fake.start();
    assert_eq!(User::logged_in(&server.host()).push(&server.host()).unwrap().sent, 1);
    let said = User::new().fails(&server.host());
    assert!(said.contains("none is known"), "{said}");
}

#[test]
fn a_token_is_asked_for_what_is_needed() {
    let realm = Server::trusted(None, tokens(&[BASIC], "token-1"));
    let challenge = format!(
        "Bearer realm=\"{}\",service=\"the service\",scope=\"repository:team/app:pull other:x:y\"",
        realm.url("/token?account=a")
    );
    let fake = Fake::new().guarded(&["Bearer token-1"], &[challenge]);
    let server = fake.start();
    User::logged_in(&server.host()).push(&server.host()).unwrap();
    let seen = realm.seen();
    assert_eq!(seen.len(), 1, "one token serves all");
    assert_eq!(seen[0].query("service"), ["the service"]);
    assert_eq!(seen[0].query("account"), ["a"]);
    assert_eq!(seen[0].query("scope"), ["repository:team/app:pull,push", "other:x:y"]);
}

#[test]
fn a_token_has_several_names_and_may_be_none() {
    for (body, fits) in [
        (r#"{"token":"token-1"}"#, true),
        (r#"{"access_token":"token-1"}"#, true),
        (r#"{"token":"","access_token":"token-1","expires_in":60}"#, true),
        (r#"{"token":"to\r\nken"}"#, false),
        (r#"{"token":7}"#, false),
        ("{}", false),
        ("not JSON", false),
        ("", false),
    ] {
        let realm = Server::trusted(None, move |_: &Request| reply(200).body(body));
        let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
        let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start();
        let pushed = User::logged_in(&server.host()).push(&server.host());
        match pushed {
            Ok(_) => assert!(fits, "{body}"),
            Err(error) => {
                let said = words(&error);
                assert!(!fits && said.contains("it gives no token"), "{body}: {said}");
            }
        }
    }
}

/// A server of tokens may be busy as well as a registry.
#[test]
fn tokens_are_asked_for_again() {
    let mut busy = 2;
    let realm = Fake::new().rule(move |_, _| {
        busy -= 1;
        let status = if busy >= 0 { 503 } else { 200 };
        Some(Plan::Answer(reply(status).body(r#"{"token":"token-1"}"#)))
    });
    let realm = realm.start();
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start();
    User::logged_in(&server.host()).push(&server.host()).unwrap();
    assert_eq!(realm.seen().len(), 3);
    // What a server of tokens says is what is shown.
    let realm = Server::trusted(None, |_: &Request| {
        reply(401).body(r#"{"details":"incorrect \u001b[31mpassword"}"#)
    });
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start();
    let said = User::logged_in(&server.host()).fails(&server.host());
    assert!(said.contains("does not take the one that is known: 401 Unauthorized"), "{said}");
    assert!(said.contains("password") && !said.contains('\u{1b}'), "{said}");
}

/// An identity token is no password: it is exchanged at the realm.
#[test]
fn an_identity_token_is_exchanged() {
    let realm = Server::trusted(None, |request: &Request| {
        let form = url::form_urlencoded::parse(&request.body).into_owned();
        let form: Vec<(String, String)> = form.collect();
        let of =
            |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(request.method, "POST");
        assert_eq!(request.authorization(), None, "it is not a password");
        assert_eq!(of("grant_type"), Some("refresh_token"));
        assert_eq!(of("refresh_token"), Some("token-of-me+/="));
        assert_eq!(of("service"), Some("s"));
        assert_eq!(of("scope"), Some("repository:team/app:pull,push"));
        assert!(of("client_id").is_some());
        reply(200).body(r#"{"access_token":"token-1","refresh_token":"token-next"}"#)
    });
    let challenge = format!("Bearer realm=\"{}\",service=\"s\"", realm.url("/token"));
    let fake = Fake::new().guarded(&["Bearer token-1"], &[challenge]);
    let server = fake.start();
    let host = server.host();
    let auth = "bWU6c2VzYW1l";
    for config in [
        format!(r#"{{"auths":{{"{host}":{{"identitytoken":"token-of-me+/="}}}}}}"#),
        format!(r#"{{"auths":{{"{host}":{{"auth":"{auth}","identitytoken":"token-of-me+/="}}}}}}"#),
    ] {
        User::with_config(&config).push(&host).unwrap();
    }
    assert_eq!(realm.seen().len(), 2);
    // A registry's own token is sent as it is.
    let config = format!(r#"{{"auths":{{"{host}":{{"registrytoken":"token-1"}}}}}}"#);
    User::with_config(&config).push(&host).unwrap();
    assert_eq!(realm.seen().len(), 2);
}

#[test]
fn an_identity_token_stays_where_it_belongs() {
    let stranger = Server::stranger(None, |_: &Request| reply(200).body(r#"{"token":"x"}"#));
    let place = stranger.url("/token");
    for status in [302, 307, 308] {
        let place = place.clone();
        let realm =
            Server::trusted(None, move |_: &Request| reply(status).header("Location", &place));
        let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
        let server = Fake::new().guarded(&["Bearer x"], &[challenge]).start();
        let config =
            format!(r#"{{"auths":{{"{}":{{"identitytoken":"token-of-me"}}}}}}"#, server.host());
        let said = User::with_config(&config).fails(&server.host());
        assert!(said.contains("leads to"), "{status}: {said}");
    }
    // Nor is it sent as a password.
    let server = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).start();
    let config =
        format!(r#"{{"auths":{{"{}":{{"identitytoken":"token-of-me"}}}}}}"#, server.host());
    let said = User::with_config(&config).fails(&server.host());
    assert!(said.contains("it takes a password, and an identity token is known"), "{said}");
    assert!(server.seen().iter().all(|request| request.authorization().is_none()));
}

#[test]
fn a_login_does_not_follow_a_redirect_of_the_realm() {
    let stranger = Server::stranger(None, |_: &Request| reply(200).body(r#"{"token":"x"}"#));
    let place = stranger.url("/token");
    let realm = Server::trusted(None, move |_: &Request| reply(307).header("Location", &place));
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let server = Fake::new().guarded(&["Bearer x"], &[challenge]).start();
    User::logged_in(&server.host()).push(&server.host()).unwrap();
    assert_eq!(realm.seen()[0].authorization(), Some(BASIC));
    assert_eq!(stranger.seen().len(), 1);
}

/// Behind TLS tokens are asked for with TLS alone, on whichever host.
#[test]
fn a_realm_without_tls_is_not_given_a_login() {
    let authority = Authority::new();
    let tls = authority.server(&["127.0.0.1"]);
    let stranger = Server::stranger(None, tokens(&["", BASIC], "token-1"));
    let challenge = format!("Bearer realm=\"{}\"", stranger.url("/token"));
    let server =
        Fake::new().guarded(&["Bearer token-1"], std::slice::from_ref(&challenge)).start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    let said = user.fails(&server.host());
    assert!(said.contains("everybody on the way") && said.contains("`https`"), "{said}");
    // Another way that is offered is taken.
    let challenges = [challenge, "Basic realm=\"x\"".to_owned()];
    let server = Fake::new().guarded(&[BASIC], &challenges).start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    assert_eq!(user.push(&server.host()).unwrap().sent, 1);
    assert!(stranger.seen().is_empty());
    // With TLS it may be another host.
    let realm = Server::trusted(Some(tls.clone()), tokens(&[BASIC], "token-1"));
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    assert_eq!(user.push(&server.host()).unwrap().sent, 1);
    // And it may be said without the host.
    let fake = Fake::new()
        .rule(|request, _| {
            (request.path() == "/token")
                .then(|| Plan::Answer(reply(200).body(r#"{"token":"token-1"}"#)))
        })
        .guarded(&["Bearer token-1"], &["Bearer realm=\"/token\"".to_owned()]);
    let server = fake.start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    assert_eq!(user.push(&server.host()).unwrap().sent, 1);
}

/// A registry on this machine that has no TLS gives tokens on this machine too; one that the user has said to speak
/// to without TLS does as it likes.
#[test]
fn a_realm_away_from_a_plain_registry_is_not_given_a_login() {
    let proxy = Server::stranger(None, |_: &Request| reply(200).body(r#"{"token":"token-1"}"#));
    let challenge = "Bearer realm=\"http://tokens.invalid/token\"".to_owned();
    let server = Fake::new().guarded(&["Bearer token-1"], &[challenge]).start();
    let mut user = User::logged_in(&server.host());
    user.settings.proxies =
        Proxies::from_variables(|name| (name == "http_proxy").then(|| proxy.host()));
    let said = user.fails(&server.host());
    assert!(said.contains("tokens.invalid"), "{said}");
    assert!(proxy.seen().is_empty());
    let realm = Server::trusted(None, |request: &Request| match request.method.as_str() {
        "CONNECT" => reply(200),
        _ => reply(200).body(r#"{"token":"token-1"}"#),
    });
    let proxies = |name: &str| (name == "http_proxy").then(|| realm.host());
    user.settings.proxies = Proxies::from_variables(proxies);
    user.settings.security = Security::Plain;
    user.push(&server.host()).unwrap();
    let seen: Vec<String> = realm.seen().into_iter().map(|request| request.target).collect();
    assert!(seen[0] == "tokens.invalid:80" && seen[1].starts_with("/token?scope="), "{seen:?}");
}

/// The token expires between the beginning of an upload and its end.
#[test]
fn a_token_that_expires_is_renewed() {
    let count = std::sync::Arc::new(AtomicUsize::new(0));
    let given = count.clone();
    let realm = Server::trusted(None, move |_: &Request| {
        let number = given.fetch_add(1, Ordering::SeqCst);
        reply(200).body(format!(r#"{{"token":"token-{number}"}}"#))
    });
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let mut puts = 0;
    let fake = Fake::new().rule(move |request, _| {
        // The first token is good until the second upload is put.
        puts += usize::from(request.is("PUT", "/v2/team/app/blobs"));
        let wanted = if puts < 2 { "Bearer token-0" } else { "Bearer token-1" };
        let known = request.authorization() == Some(wanted);
        (!known).then(|| Plan::Answer(unauthorized(std::slice::from_ref(&challenge))))
    });
    let server = fake.start();
    let user = User::logged_in(&server.host()).with_blob(large()).with_blob(b"third".to_vec());
    let pushed = user.push(&server.host()).unwrap();
    assert_eq!(pushed.sent, 3);
    assert_eq!(realm.seen().len(), 2);
    let posts = server.lines().iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(posts, 4, "one more for the upload that met the end of the token");
    let bodies = server.seen().iter().filter(|request| request.body.len() == large().len()).count();
    assert_eq!(bodies, 1, "the large blob went over the wire once");
}

/// One that is never good enough ends the push, and does not go on for ever.
#[test]
fn a_token_that_is_never_right_ends_the_push() {
    for (path, blobs) in [("/v2/team/app/blobs/uploads/u", 1), ("/v2/team/app/manifests", 0)] {
        let realm = Server::trusted(None, tokens(&[BASIC], "token-1"));
        let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
        let denying = vec![challenge.clone()];
        let fake = Fake::new()
            .answers(99, "PUT", path, move |_| unauthorized(&denying))
            .guarded(&["Bearer token-1"], &[challenge]);
        let server = fake.start();
        let mut user = User::logged_in(&server.host());
        user.blobs.truncate(blobs);
        let said = user.fails(&server.host());
        assert!(said.contains("it does not take the one that is known: 401"), "{said}");
        let puts = server.lines().iter().filter(|line| line.starts_with("PUT")).count();
        assert_eq!(puts, 2, "{path}");
        assert!(!fake.has_tag("team/app", "v1"));
    }
}

#[test]
fn the_most_specific_key_of_a_file_counts() {
    for key in [
        "HOST/team/app",
        "HOST/team",
        "HOST",
        "https://HOST/v1/",
        "https://HOST/v2/",
        "http://HOST",
    ] {
        let server = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).start();
        let wrong = r#"{"username":"x","password":"y"}"#;
        let right = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        let less = if key.contains("team") { "HOST" } else { "other.example" };
        let config = format!(
            r#"{{"auths":{{"{less}":{wrong},"{key}":{right},"HOST/team/apps":{wrong},"HOST/tea":{wrong}}}}}"#
        )
        .replace("HOST", &server.host());
        let user = User::with_config(&config);
        assert_eq!(user.push(&server.host()).unwrap().sent, 1, "{key}");
        assert!(user.warnings.borrow().is_empty());
    }
}

#[test]
fn a_file_that_cannot_be_read_as_a_whole_is_named() {
    for (config, fits) in [
        (r#"{"auths":{"other":null,"HOST":GOOD}}"#, true),
        (r#"{"auths":{"other":7,"HOST":GOOD}}"#, true),
        (r#"{"auths":{"HOST":GOOD},"credHelpers":[]}"#, true),
        (r#"{"auths":{"HOST":GOOD},"credsStore":{}}"#, true),
        (r#"{"auths":{"HOST":{"auth":"%"}}}"#, false),
        (r#"{"auths":[]}"#, false),
        (r#"{"auths":{"HOST":GOOD}"#, false),
        ("[]", false),
        ("\u{0}", false),
    ] {
        let server = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).start();
        let good = format!(r#"{{"username":"{USER}","password":"{PASSWORD}"}}"#);
        let config = config.replace("HOST", &server.host()).replace("GOOD", &good);
        let user = User::with_config(&config);
        assert_eq!(user.push(&server.host()).is_ok(), fits, "{config}");
        let warnings = user.warnings.borrow();
        assert_eq!(warnings.len(), 1, "{config}: {warnings:?}");
        assert!(warnings[0].title.contains("config.json"), "{warnings:?}");
        assert!(
            warnings[0].why.as_ref().is_some_and(|why| !why.contains(PASSWORD)),
            "{warnings:?}"
        );
    }
}

/// A file that is not there, or that has nothing in it, is nothing to talk about; the next one is read.
#[test]
fn files_are_read_in_their_order() {
    let server = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).start();
    let mut user = User::logged_in(&server.host());
    let good = user.settings.logins.remove(0);
    let absent = user.folder.path().join("absent/config.json");
    let below_file = user.folder.path().join("config.json/x");
    let empty = user.folder.write("empty.json", "");
    let without = user.folder.write("without.json", r#"{"auths":{"HOST":{}},"credsStore":""}"#);
    user.settings.logins = vec![absent, below_file, empty, without, good];
    assert_eq!(user.push(&server.host()).unwrap().sent, 1);
    assert!(user.warnings.borrow().is_empty(), "{:?}", user.warnings);
}
