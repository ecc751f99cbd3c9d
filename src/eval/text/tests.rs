use super::{
    attribute_name, compare_versions, float_display, float_to_string, is_identifier, json_float,
    parse_drv_name, quote_nix_string, split_version, xml_escape,
};
use std::cmp::Ordering::{Equal, Greater, Less};

/// From the manual of `nix-env --upgrade`, Nix's own tests, and Nix 2.8.
#[test]
fn versions_are_compared() {
    for (left, right, expected) in [
        ("1.0", "2.3", Less),
        ("2.1", "2.3", Less),
        ("2.3", "2.3", Equal),
        ("2.5", "2.3", Greater),
        ("3.1", "2.3", Greater),
        ("2.3.1", "2.3", Greater),
        ("2.3.1", "2.3a", Greater),
        ("2.3pre1", "2.3", Less),
        ("2.3pre3", "2.3pre12", Less),
        ("2.3a", "2.3c", Less),
        ("2.3pre1", "2.3c", Less),
        ("2.3pre1", "2.3q", Less),
        ("1.0-", "1.0", Equal),
        ("", "", Equal),
        ("", "1", Less),
        ("", "a", Less),
        ("", "pre", Greater),
        ("pre", "pre", Equal),
        ("007", "7", Equal),
        ("00000000000000000001", "1", Equal),
        ("2147483648", "3", Less),
        ("2147483647", "3", Greater),
        ("99999999999", "99999999998", Greater),
    ] {
        assert_eq!(compare_versions(left.as_bytes(), right.as_bytes()), expected, "{left} {right}");
        let reverse = compare_versions(right.as_bytes(), left.as_bytes());
        assert_eq!(reverse, expected.reverse(), "{right} {left}");
    }
}

#[test]
fn versions_are_split() {
    for (version, expected) in [
        ("", vec![]),
        ("1.2.3", vec!["1", "2", "3"]),
        ("1.2.3pre-4", vec!["1", "2", "3", "pre", "4"]),
        ("..a-.1b_c.", vec!["a", "1", "b_c"]),
        ("é1", vec!["é", "1"]),
    ] {
        let expected: Vec<&[u8]> = expected.into_iter().map(str::as_bytes).collect();
        assert_eq!(split_version(version.as_bytes()), expected, "{version}");
    }
}

#[test]
fn names_are_parsed() {
    for (name, package, version) in [
        ("nix-0.12pre12876", "nix", "0.12pre12876"),
        ("apache-httpd-2.0.48", "apache-httpd", "2.0.48"),
        ("hello", "hello", ""),
        ("hello-", "hello-", ""),
        ("a--1", "a", "-1"),
        ("-1", "", "1"),
        ("a-é", "a", "é"),
        ("", "", ""),
    ] {
        let expected = (package.as_bytes(), version.as_bytes());
        assert_eq!(parse_drv_name(name.as_bytes()), expected, "{name}");
    }
}

/// Given by libstdc++ 12 and nlohmann's JSON library 3.11.2.
#[test]
fn floats_are_written() {
    for (value, display, string, json) in [
        (0.0, "0", "0.000000", "0.0"),
        (-0.0, "-0", "-0.000000", "-0.0"),
        (1.0, "1", "1.000000", "1.0"),
        (-1.5, "-1.5", "-1.500000", "-1.5"),
        (0.1, "0.1", "0.100000", "0.1"),
        (1e-4, "0.0001", "0.000100", "0.0001"),
        (1e-5, "1e-05", "0.000010", "1e-05"),
        (1.25e-7, "1.25e-07", "0.000000", "1.25e-07"),
        (999_999.0, "999999", "999999.000000", "999999.0"),
        (999_999.5, "1e+06", "999999.500000", "999999.5"),
        (123_456_789.125, "1.23457e+08", "123456789.125000", "123456789.125"),
        (1e14, "1e+14", "100000000000000.000000", "100000000000000.0"),
        (1e15, "1e+15", "1000000000000000.000000", "1e+15"),
        (1e100, "1e+100", "1", "1e+100"),
        (5e-324, "4.94066e-324", "0.000000", "5e-324"),
        (f64::MAX, "1.79769e+308", "1", "1.7976931348623157e+308"),
        (f64::MIN_POSITIVE, "2.22507e-308", "0.000000", "2.2250738585072014e-308"),
        // Neither the shortest nor the closest digits.
        (0.008_316_81, "0.00831681", "0.008317", "0.008316809999999999"),
        (-2.205_635_070_800_781_2, "-2.20564", "-2.205635", "-2.2056350708007813"),
        (f64::NAN, "nan", "nan", "null"),
        (-f64::NAN, "-nan", "-nan", "null"),
        (f64::INFINITY, "inf", "inf", "null"),
        (f64::NEG_INFINITY, "-inf", "-inf", "null"),
    ] {
        assert_eq!(float_display(value), display);
        assert_eq!(json_float(value), json);
        // Hundreds of digits say nothing more than the first one.
        if value.abs() < 1e20 || !value.is_finite() {
            assert_eq!(float_to_string(value), string);
        } else {
            assert!(float_to_string(value).starts_with(string));
        }
    }
}

#[test]
fn json_floats_read_back() {
    let mut state: u64 = 1;
    for _ in 0..20_000 {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let value = f64::from_bits(state);
        if value.is_finite() {
            let read: f64 = json_float(value).parse().unwrap();
            assert_eq!(read.to_bits(), value.to_bits(), "{value:e}");
        }
    }
}

#[test]
fn strings_are_quoted() {
    for (string, quoted, xml) in [
        ("", r#""""#, ""),
        ("a\"b\\", r#""a\"b\\""#, "a&quot;b\\"),
        ("\n\r\t", r#""\n\r\t""#, "&#xA;\r\t"),
        ("${x} $x $$ $${ $", r#""\${x} $x $$ $\${ $""#, "${x} $x $$ $${ $"),
        ("<é&'>", "\"<é&'>\"", "&lt;é&amp;'&gt;"),
    ] {
        assert_eq!(quote_nix_string(string.as_bytes()), quoted.as_bytes(), "{string}");
        assert_eq!(xml_escape(string.as_bytes()), xml.as_bytes(), "{string}");
    }
}

#[test]
fn attribute_names() {
    for (name, plain) in [
        ("a", true),
        ("_", true),
        ("a-b'", true),
        ("a1_Z", true),
        ("or", true),
        ("", false),
        ("1a", false),
        ("-a", false),
        ("'a", false),
        ("a.b", false),
        ("a b", false),
        ("é", false),
        ("if", false),
        ("inherit", false),
        ("rec", false),
        ("recs", true),
    ] {
        assert_eq!(is_identifier(name.as_bytes()), plain, "{name}");
        let written = if plain { name.to_owned() } else { format!("\"{name}\"") };
        assert_eq!(attribute_name(name.as_bytes()), written.as_bytes());
    }
}
