using System.Globalization;
using System.Text;

namespace Hearth.Engine.Templates.Parsing;

/// <summary>Python's escapes in string literals.</summary>
internal static class StringEscapes
{
    public static string Decode(ReadOnlySpan<char> text, int line)
    {
        if (text.IndexOf('\\') < 0)
        {
            return text.ToString();
        }

        var decoded = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (text[i] != '\\')
            {
                decoded.Append(text[i++]);
                continue;
            }

            char c = text[i + 1];
            i += 2;
            switch (c)
            {
                case '\n':
                    break;
                case 'x':
                    i += AppendCode(decoded, text[i..], 2, line);
                    break;
                case 'u':
                    i += AppendCode(decoded, text[i..], 4, line);
                    break;
                case 'U':
                    i += AppendCode(decoded, text[i..], 8, line);
                    break;
                case 'N':
                    throw new TemplateException(TemplateErrorKind.Syntax, "\\N{...} escapes are not supported; write \\uXXXX", line);
                case >= '0' and <= '7':
                    i += AppendOctal(decoded, text[(i - 1)..]) - 1;
                    break;
                default:
                    AppendSimple(decoded, c);
                    break;
            }
        }

        return decoded.ToString();
    }

    private static void AppendSimple(StringBuilder decoded, char c) => _ = c switch
    {
        '\\' or '\'' or '"' => decoded.Append(c),
        'a' => decoded.Append('\a'),
        'b' => decoded.Append('\b'),
        'f' => decoded.Append('\f'),
        'n' => decoded.Append('\n'),
        'r' => decoded.Append('\r'),
        't' => decoded.Append('\t'),
        'v' => decoded.Append('\v'),
        _ => decoded.Append('\\').Append(c),
    };

    private static int AppendOctal(StringBuilder decoded, ReadOnlySpan<char> text)
    {
        const int MaxDigits = 3;
        int code = 0;
        int length = 0;
        for (; length < MaxDigits && length < text.Length && text[length] is >= '0' and <= '7'; length++)
        {
            code = code * 8 + text[length] - '0';
        }

        decoded.Append((char)code);
        return length;
    }

    private static int AppendCode(StringBuilder decoded, ReadOnlySpan<char> text, int digits, int line)
    {
        ReadOnlySpan<char> number = text[..Math.Min(digits, text.Length)];
        if (!int.TryParse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
            || number.Length < digits
            || code is < 0 or > 0x10FFFF)
        {
            char letter = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
            string message = $"a \\{letter} escape needs {digits} hexadecimal digits of a character";
            throw new TemplateException(TemplateErrorKind.Syntax, message, line);
        }

        _ = code < 0x10000 ? decoded.Append((char)code) : decoded.Append(char.ConvertFromUtf32(code));
        return digits;
    }
}
