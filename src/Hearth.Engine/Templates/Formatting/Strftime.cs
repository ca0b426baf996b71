using System.Globalization;
using System.Text;

namespace Hearth.Engine.Templates.Formatting;

/// <summary>C's <c>strftime</c> in English, as Python calls it on Linux for a time without a zone.</summary>
internal static class Strftime
{
    private const int MaxWidth = 100;

    public static string Format(DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            int start = i++;
            char? flag = null;
            bool upper = false;
            for (; i < format.Length && format[i] is '-' or '_' or '0' or '^' or '#'; i++)
            {
                upper |= format[i] == '^';
                flag = format[i] is '^' or '#' ? flag : format[i];
            }

            int width = 0;
            for (; i < format.Length && char.IsAsciiDigit(format[i]); i++)
            {
                width = Math.Min(MaxWidth, width * 10 + format[i] - '0');
            }

            i += i < format.Length && format[i] is 'E' or 'O' ? 1 : 0;
            string? field = i < format.Length ? Field(time, format[i], flag, width) : null;
            text.Append(field is null ? format[start..Math.Min(i + 1, format.Length)] : upper ? field.ToUpperInvariant() : field);
        }

        return text.ToString();
    }

    private static string? Field(DateTimeOffset time, char code, char? flag, int width)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        return code switch
        {
            'a' => time.ToString("ddd", culture),
            'A' => time.ToString("dddd", culture),
            'b' or 'h' => time.ToString("MMM", culture),
            'B' => time.ToString("MMMM", culture),
            'c' => Format(time, "%a %b %e %H:%M:%S %Y"),
            'C' => Pad(time.Year / 100, 2, '0', flag, width),
            'd' => Pad(time.Day, 2, '0', flag, width),
            'D' or 'x' => Format(time, "%m/%d/%y"),
            'e' => Pad(time.Day, 2, ' ', flag, width),
            'f' => (time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond).ToString("D6", culture),
            'F' => Format(time, "%Y-%m-%d"),
            'g' => Pad(ISOWeek.GetYear(time.DateTime) % 100, 2, '0', flag, width),
            'G' => Pad(ISOWeek.GetYear(time.DateTime), 1, '0', flag, width),
            'H' => Pad(time.Hour, 2, '0', flag, width),
            'I' => Pad((time.Hour + 11) % 12 + 1, 2, '0', flag, width),
            'j' => Pad(time.DayOfYear, 3, '0', flag, width),
            'k' => Pad(time.Hour, 2, ' ', flag, width),
            'l' => Pad((time.Hour + 11) % 12 + 1, 2, ' ', flag, width),
            'm' => Pad(time.Month, 2, '0', flag, width),
            'M' => Pad(time.Minute, 2, '0', flag, width),
            'n' => "\n",
            'p' => time.Hour < 12 ? "AM" : "PM",
            'P' => time.Hour < 12 ? "am" : "pm",
            'r' => Format(time, "%I:%M:%S %p"),
            'R' => Format(time, "%H:%M"),
            's' => time.ToUnixTimeSeconds().ToString(culture),
            'S' => Pad(time.Second, 2, '0', flag, width),
            't' => "\t",
            'T' or 'X' => Format(time, "%H:%M:%S"),
            'u' => Pad(((int)time.DayOfWeek + 6) % 7 + 1, 1, '0', flag, width),
            'U' => Pad((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7, 2, '0', flag, width),
            'V' => Pad(ISOWeek.GetWeekOfYear(time.DateTime), 2, '0', flag, width),
            'w' => Pad((int)time.DayOfWeek, 1, '0', flag, width),
            'W' => Pad((time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7, 2, '0', flag, width),
            'y' => Pad(time.Year % 100, 2, '0', flag, width),
            'Y' => Pad(time.Year, 1, '0', flag, width),
            'z' or 'Z' => string.Empty,
            '%' => "%",
            _ => null,
        };
    }

    private static string Pad(int number, int digits, char padding, char? flag, int width)
    {
        string text = number.ToString(CultureInfo.InvariantCulture);
        return flag switch
        {
            '-' => text,
            '_' => text.PadLeft(Math.Max(digits, width), ' '),
            '0' => text.PadLeft(Math.Max(digits, width), '0'),
            _ => text.PadLeft(Math.Max(digits, width), padding),
        };
    }
}
