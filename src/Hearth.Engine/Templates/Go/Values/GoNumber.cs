using System.Globalization;
using Hearth.Engine.Templates.Formatting;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>Go's ways to write a float with the fewest digits that read back the same.</summary>
internal static class GoNumber
{
    /// <summary><c>%v</c> and <c>%g</c>.</summary>
    public static string Shortest(double number) => Write(number, minFixedExponent: -4, maxFixedExponent: 6, minExponentDigits: 2);

    /// <summary>As in JSON.</summary>
    public static string Json(double number) => Write(number, minFixedExponent: -6, maxFixedExponent: 21, minExponentDigits: 1);

    /// <summary>What is written for infinities and for what is not a number.</summary>
    public static string NotFinite(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";

    private static string Write(double number, int minFixedExponent, int maxFixedExponent, int minExponentDigits)
    {
        if (!double.IsFinite(number))
        {
            return NotFinite(number);
        }

        string sign = double.IsNegative(number) ? "-" : string.Empty;
        if (number == 0)
        {
            return sign + "0";
        }

        (string digits, int exponent) = PythonFloat.Decompose(number.ToString("R", CultureInfo.InvariantCulture));
        if (exponent < minFixedExponent || exponent >= maxFixedExponent)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : string.Empty;
            string power = Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).PadLeft(minExponentDigits, '0');
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{power}";
        }

        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
