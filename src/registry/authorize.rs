//! From what a registry asks for to a header `Authorization` (the distribution project's token protocol; Docker's
//! `POST` of it for identity tokens).

use super::address;
use super::challenge::Challenge;
use super::client::{Client, Exchange};
use super::credentials::Login;
use super::error::{Error, LoginFault};
use super::settings::Security;
use super::transport::Payload;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE};
use ureq::http::{HeaderMap, HeaderValue, Method};
use url::Url;
use url::form_urlencoded::Serializer;

/// How a client of the token protocol calls itself.
const CLIENT_ID: &str = "bimanix";

/// A header value that is not shown in logs.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Client<'_> {
    /// The header for the first of the challenges that can be met. `url` is what asks for it.
    ///
    /// # Errors
    /// None can be met, or the server of tokens gives none.
    pub(super) fn answer_to(
        &mut self,
        challenges: &[Challenge],
        url: &Url,
    ) -> Result<HeaderValue, Error> {
        let host = address::authority(url);
        let login = self.login();
        let mut why = None;
        for challenge in challenges {
            let fault = match (challenge, &login) {
                (Challenge::Basic, Some(login)) => match login.basic() {
                    Some(basic) => return secret(&basic).ok_or_else(|| unusable(&host)),
                    None => LoginFault::Token,
                },
                (Challenge::Basic, None) => LoginFault::Unknown,
                (Challenge::Bearer { .. }, Some(Login::Registry(token))) => {
                    return secret(&format!("Bearer {token}")).ok_or_else(|| unusable(&host));
                }
                (Challenge::Bearer { realm, service, scope }, _) => match self.realm(url, realm) {
                    Ok(realm) => {
                        return self.token(
                            &realm,
                            service.as_deref(),
                            scope.as_deref(),
                            login.as_ref(),
                        );
                    }
                    Err(fault) => fault,
                },
                (Challenge::Other(_), _) => continue,
            };
            why = why.or(Some(fault));
        }
        let fault = why.unwrap_or_else(|| {
            let ways = challenges.iter().map(|challenge| match challenge {
                Challenge::Basic => "Basic".to_owned(),
                Challenge::Bearer { .. } => "Bearer".to_owned(),
                Challenge::Other(name) => format!("`{name}`"),
            });
            match ways.collect::<Vec<_>>() {
                ways if ways.is_empty() => LoginFault::NoChallenge,
                ways => LoginFault::Ways(ways),
            }
        });
        Err(Error::Login { host, fault })
    }

    /// Where tokens are given. Without TLS that is only right where the registry has none either; and where it has
    /// none because it is on this machine, the tokens are given here too.
    fn realm(&self, asked: &Url, realm: &str) -> Result<Url, LoginFault> {
        let refuse = || LoginFault::Realm(realm.to_owned());
        let url = address::resolve(asked, realm).map_err(|_| refuse())?;
        let said_so = self.settings.security == Security::Plain;
        if url.scheme() == "https" || said_so || address::is_local(&url) {
            Ok(url)
        } else {
            Err(refuse())
        }
    }

    fn token(
        &mut self,
        realm: &Url,
        service: Option<&str>,
        asked: Option<&str>,
        login: Option<&Login>,
    ) -> Result<HeaderValue, Error> {
        let scopes = self.scopes(asked);
        let mut url = realm.clone();
        let mut headers = HeaderMap::new();
        let mut form = None;
        if let Some(Login::Identity(token)) = login {
            let mut fields = Serializer::new(String::new());
            fields.append_pair("grant_type", "refresh_token");
            fields.append_pair("client_id", CLIENT_ID);
            fields.append_pair("service", service.unwrap_or_default());
            fields.append_pair("scope", &scopes.join(" "));
            fields.append_pair("refresh_token", token);
            form = Some(fields.finish());
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, kind);
        } else {
            let mut query = url.query_pairs_mut();
            if let Some(service) = service {
                query.append_pair("service", service);
            }
            for scope in &scopes {
                query.append_pair("scope", scope);
            }
        }
        if let Some(basic) = login.and_then(Login::basic) {
            let value = secret(&basic).ok_or_else(|| unusable(&address::authority(realm)))?;
            headers.insert(AUTHORIZATION, value);
        }
        let method = if form.is_some() { Method::POST } else { Method::GET };
        let body = form.as_deref().map_or(Payload::None, |form| Payload::Bytes(form.as_bytes()));
        let is_secret = matches!(body, Payload::Bytes(_));
        let mut exchange = Exchange { method, url, headers, body, is_secret };
        let answer = self.follow(&mut exchange)?;
        let host = answer.host();
        if matches!(answer.status, 400 | 401 | 403) {
            let said = answer.said(&self.settings.limits);
            let fault = match login {
                Some(_) => LoginFault::Rejected { said },
                None => LoginFault::Unknown,
            };
            return Err(Error::Login { host, fault });
        }
        if !answer.is_success() {
            let said = answer.said(&self.settings.limits);
            return Err(Error::Refused { host, said });
        }
        let bytes = answer.bytes(&self.settings.limits)?;
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let text = |name: &str| {
            json.get(name).and_then(serde_json::Value::as_str).filter(|text| !text.is_empty())
        };
        let token = text("token").or_else(|| text("access_token"));
        token.and_then(|token| secret(&format!("Bearer {token}"))).ok_or_else(|| unusable(&host))
    }
}

fn unusable(host: &str) -> Error {
    Error::Nonsense { host: host.to_owned(), what: "it gives no token".to_owned() }
}
