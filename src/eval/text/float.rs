//! The three ways in which Nix writes a floating-point number.

/// Writes a float as `nix-instantiate --eval` and `builtins.toXML` do: C++'s `<<`, six digits
/// (`%g`).
pub(crate) fn float_display(value: f64) -> String {
    if !value.is_finite() {
        return not_finite(value);
    }
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // 5 is the precision less one: the last exponent whose number is written out.
    match usize::try_from(5_i32.saturating_sub(exponent)) {
        Ok(decimals) if exponent >= -4 => without_zeros(&format!("{value:.decimals$}")).to_owned(),
        _ => format!("{}{}", without_zeros(mantissa), Exponent(exponent)),
    }
}

/// Writes a float as `toString` and string interpolation of numbers do: `std::to_string`, six
/// decimals (`%f`).
pub(crate) fn float_to_string(value: f64) -> String {
    if value.is_finite() { format!("{value:.6}") } else { not_finite(value) }
}

/// Writes a float as `builtins.toJSON` does: few digits that read back as the same float; `null`
/// when there are none.
///
/// Nix leaves this to nlohmann's JSON library, which uses Loitsch's Grisu2 ("Printing
/// Floating-Point Numbers Quickly and Accurately with Integers", 2010). For about one float in two
/// hundred its digits are not the shortest, or not the closest of these, so the standard library's
/// would not do.
pub(crate) fn json_float(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0.0");
    }
    let (digits, exponent) = grisu2(value.abs());
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let point = exponent.saturating_add(length);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    match point {
        1..=15 if length <= point => format!("{sign}{digits}{}.0", zeros(exponent)),
        1..=15 => {
            let at = usize::try_from(point).unwrap_or(0);
            let (whole, fraction) = digits.split_at_checked(at).unwrap_or((&digits, ""));
            format!("{sign}{whole}.{fraction}")
        }
        -3..=0 => format!("{sign}0.{}{digits}", zeros(0_i32.saturating_sub(point))),
        _ => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            let dot = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{rest}{}", Exponent(point.saturating_sub(1)))
        }
    }
}

fn not_finite(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    format!("{sign}{}", if value.is_nan() { "nan" } else { "inf" })
}

fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

/// An exponent as C writes it: with its sign and two digits at least.
struct Exponent(i32);

impl std::fmt::Display for Exponent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        write!(formatter, "e{sign}{:02}", self.0.unsigned_abs())
    }
}

/// A number `mantissa` × 2^`exponent`, the paper's `diy_fp`.
#[derive(Clone, Copy)]
struct ExtendedFloat {
    mantissa: u64,
    exponent: i32,
}

impl ExtendedFloat {
    fn normalized(self) -> Self {
        let shift = self.mantissa.leading_zeros();
        self.at(self.exponent.saturating_sub_unsigned(shift))
    }

    /// The same number with a smaller exponent.
    fn at(self, exponent: i32) -> Self {
        let shift = self.exponent.abs_diff(exponent);
        Self { mantissa: self.mantissa.checked_shl(shift).unwrap_or(0), exponent }
    }

    /// The product, rounded to 64 bits, halves up.
    fn times(self, other: Self) -> Self {
        let product = u128::from(self.mantissa).wrapping_mul(u128::from(other.mantissa));
        let rounded = product.saturating_add(1 << 63) >> 64;
        let exponent = self.exponent.saturating_add(other.exponent).saturating_add(64);
        Self { mantissa: u64::try_from(rounded).unwrap_or(u64::MAX), exponent }
    }
}

/// Gives digits and the power of ten of the last one, for a positive number.
fn grisu2(value: f64) -> (String, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let biased = i32::try_from(bits >> 52).unwrap_or(0);
    let (mantissa, exponent) = match biased {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, biased.saturating_sub(1075)),
    };
    // The bounds lie halfway to the neighbours; below a power of two the lower one is nearer.
    let plus = ExtendedFloat {
        mantissa: mantissa.wrapping_mul(2).wrapping_add(1),
        exponent: exponent.saturating_sub(1),
    };
    let (multiple, closer) = if fraction == 0 && biased > 1 { (4_u64, 2) } else { (2, 1) };
    let minus = ExtendedFloat {
        mantissa: mantissa.wrapping_mul(multiple).wrapping_sub(1),
        exponent: exponent.saturating_sub(closer),
    };
    let plus = plus.normalized();
    let minus = minus.at(plus.exponent);
    let exact = ExtendedFloat { mantissa, exponent }.normalized();

    let (power, tens) = power_for(plus.exponent);
    let exact = exact.times(power).mantissa;
    let low = minus.times(power).mantissa.wrapping_add(1);
    let plus = plus.times(power);
    let high = ExtendedFloat { mantissa: plus.mantissa.wrapping_sub(1), ..plus };
    let distance = high.mantissa.wrapping_sub(exact);
    let room = high.mantissa.wrapping_sub(low);
    let (digits, more) = digits(high, distance, room);
    (digits, more.saturating_sub(tens))
}

/// Gives the power of ten that brings a number with this binary exponent between 2^-60 and 2^-32,
/// and which it is.
fn power_for(exponent: i32) -> (ExtendedFloat, i32) {
    // The smallest power of ten not below 2^(-61 - exponent); 78913 / 2^18 is log10(2).
    let binary = (-61_i32).saturating_sub(exponent);
    let decimal = binary.saturating_mul(78913) / (1 << 18) + i32::from(binary > 0);
    let index = decimal.saturating_add(307).div_euclid(8);
    let tens = index.saturating_mul(8).saturating_sub(300);
    let index = usize::try_from(index).unwrap_or(0);
    let mantissa = POWERS.get(index).copied().unwrap_or(1 << 63);
    // 1741647 / 2^19 is log2(10).
    let exponent = (tens.saturating_mul(1_741_647) >> 19).saturating_sub(63);
    (ExtendedFloat { mantissa, exponent }, tens)
}

/// Writes the digits of `high` down to where any number within `room` below it would do.
fn digits(high: ExtendedFloat, mut distance: u64, mut room: u64) -> (String, i32) {
    let shift = high.exponent.unsigned_abs();
    let one = 1_u64.checked_shl(shift).unwrap_or(1);
    let mut whole = high.mantissa.checked_shr(shift).unwrap_or(0);
    let mut fraction = high.mantissa & one.wrapping_sub(1);
    let mut digits: Vec<u8> = Vec::with_capacity(17);
    let mut left = whole.checked_ilog10().map_or(0, |log| log.saturating_add(1));
    while let Some(place) = left.checked_sub(1) {
        left = place;
        let unit = 10_u64.saturating_pow(place);
        push(&mut digits, whole / unit);
        whole %= unit;
        let rest = whole.wrapping_mul(one).wrapping_add(fraction);
        if rest <= room {
            grisu_round(&mut digits, distance, room, rest, unit.wrapping_mul(one));
            return (text(&digits), i32::try_from(place).unwrap_or(0));
        }
    }
    let mut exponent: i32 = 0;
    loop {
        fraction = fraction.wrapping_mul(10);
        push(&mut digits, fraction.checked_shr(shift).unwrap_or(0));
        fraction &= one.wrapping_sub(1);
        exponent = exponent.saturating_sub(1);
        room = room.wrapping_mul(10);
        distance = distance.wrapping_mul(10);
        if fraction <= room {
            grisu_round(&mut digits, distance, room, fraction, one);
            return (text(&digits), exponent);
        }
    }
}

fn push(digits: &mut Vec<u8>, digit: u64) {
    digits.push(u8::try_from(digit).unwrap_or(0).saturating_add(b'0'));
}

fn text(digits: &[u8]) -> String {
    digits.iter().copied().map(char::from).collect()
}

/// Lowers the last digit while that comes closer to the exact number.
fn grisu_round(digits: &mut [u8], distance: u64, room: u64, mut rest: u64, unit: u64) {
    let Some(last) = digits.last_mut() else { return };
    while rest < distance && room.wrapping_sub(rest) >= unit {
        let lower = rest.wrapping_add(unit);
        if lower >= distance && distance.wrapping_sub(rest) <= lower.wrapping_sub(distance) {
            return;
        }
        *last = last.saturating_sub(1);
        rest = lower;
    }
}

/// The powers of ten from 10^-300 to 10^324 in steps of eight, rounded to 64 bits.
#[rustfmt::skip]
const POWERS: [u64; 79] = [
    0xAB70_FE17_C79A_C6CA, 0xFF77_B1FC_BEBC_DC4F, 0xBE56_91EF_416B_D60C, 0x8DD0_1FAD_907F_FC3C,
    0xD351_5C28_3155_9A83, 0x9D71_AC8F_ADA6_C9B5, 0xEA9C_2277_23EE_8BCB, 0xAECC_4991_4078_536D,
    0x823C_1279_5DB6_CE57, 0xC210_9436_4DFB_5637, 0x9096_EA6F_3848_984F, 0xD774_85CB_2582_3AC7,
    0xA086_CFCD_97BF_97F4, 0xEF34_0A98_172A_ACE5, 0xB238_67FB_2A35_B28E, 0x84C8_D4DF_D2C6_3F3B,
    0xC5DD_4427_1AD3_CDBA, 0x936B_9FCE_BB25_C996, 0xDBAC_6C24_7D62_A584, 0xA3AB_6658_0D5F_DAF6,
    0xF3E2_F893_DEC3_F126, 0xB5B5_ADA8_AAFF_80B8, 0x8762_5F05_6C7C_4A8B, 0xC9BC_FF60_34C1_3053,
    0x964E_858C_91BA_2655, 0xDFF9_7724_7029_7EBD, 0xA6DF_BD9F_B8E5_B88F, 0xF8A9_5FCF_8874_7D94,
    0xB944_7093_8FA8_9BCF, 0x8A08_F0F8_BF0F_156B, 0xCDB0_2555_6531_31B6, 0x993F_E2C6_D07B_7FAC,
    0xE45C_10C4_2A2B_3B06, 0xAA24_2499_6973_92D3, 0xFD87_B5F2_8300_CA0E, 0xBCE5_0864_9211_1AEB,
    0x8CBC_CC09_6F50_88CC, 0xD1B7_1758_E219_652C, 0x9C40_0000_0000_0000, 0xE8D4_A510_0000_0000,
    0xAD78_EBC5_AC62_0000, 0x813F_3978_F894_0984, 0xC097_CE7B_C907_15B3, 0x8F7E_32CE_7BEA_5C70,
    0xD5D2_38A4_ABE9_8068, 0x9F4F_2726_179A_2245, 0xED63_A231_D4C4_FB27, 0xB0DE_6538_8CC8_ADA8,
    0x83C7_088E_1AAB_65DB, 0xC45D_1DF9_4271_1D9A, 0x924D_692C_A61B_E758, 0xDA01_EE64_1A70_8DEA,
    0xA26D_A399_9AEF_774A, 0xF209_787B_B47D_6B85, 0xB454_E4A1_79DD_1877, 0x865B_8692_5B9B_C5C2,
    0xC835_53C5_C896_5D3D, 0x952A_B45C_FA97_A0B3, 0xDE46_9FBD_99A0_5FE3, 0xA59B_C234_DB39_8C25,
    0xF6C6_9A72_A398_9F5C, 0xB7DC_BF53_54E9_BECE, 0x88FC_F317_F222_41E2, 0xCC20_CE9B_D35C_78A5,
    0x9816_5AF3_7B21_53DF, 0xE2A0_B5DC_971F_303A, 0xA8D9_D153_5CE3_B396, 0xFB9B_7CD9_A4A7_443C,
    0xBB76_4C4C_A7A4_4410, 0x8BAB_8EEF_B640_9C1A, 0xD01F_EF10_A657_842C, 0x9B10_A4E5_E991_3129,
    0xE710_9BFB_A19C_0C9D, 0xAC28_20D9_623B_F429, 0x8044_4B5E_7AA7_CF85, 0xBF21_E440_03AC_DD2D,
    0x8E67_9C2F_5E44_FF8F, 0xD433_179D_9C8C_B841, 0x9E19_DB92_B4E3_1BA9,
];
