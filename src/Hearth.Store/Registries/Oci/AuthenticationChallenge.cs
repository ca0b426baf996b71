namespace Hearth.Store.Registries.Oci;

/// <summary>A way to authenticate that a server offers (RFC 9110, section 11.6.1).</summary>
/// <param name="Scheme">Its name, as the server writes it.</param>
/// <param name="Parameters">Its parameters by their names, whatever their case.</param>
internal sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const string TokenMarks = "!#$%&'*+-.^_`|~";

    /// <summary>Whether it is of a scheme.</summary>
    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>A parameter; null without it.</summary>
    public string? this[string name] => Parameters.GetValueOrDefault(name);

    /// <summary>Reads the value of a <c>WWW-Authenticate</c> header. What makes no sense is passed over.</summary>
    public static IReadOnlyList<AuthenticationChallenge> Parse(string header)
    {
        List<AuthenticationChallenge> challenges = [];
        Dictionary<string, string>? parameters = null;
        int position = 0;
        while (true)
        {
            while (position < header.Length && !IsTokenLetter(header[position]))
            {
                position++;
            }

            if (position == header.Length)
            {
                return challenges;
            }

            string name = ReadToken(header, ref position);
            int equals = SkipSpaces(header, position);
            if (parameters is not null && equals < header.Length && header[equals] == '=')
            {
                position = SkipSpaces(header, equals + 1);
                parameters.TryAdd(name, ReadValue(header, ref position));
            }
            else
            {
                parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                challenges.Add(new AuthenticationChallenge(name, parameters));
            }
        }
    }

    private static bool IsTokenLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || TokenMarks.Contains(letter);

    private static string ReadToken(string header, ref int position)
    {
        int start = position;
        while (position < header.Length && IsTokenLetter(header[position]))
        {
            position++;
        }

        return header[start..position];
    }

    private static int SkipSpaces(string header, int position)
    {
        while (position < header.Length && header[position] is ' ' or '\t')
        {
            position++;
        }

        return position;
    }

    // Some servers send URLs without quotes: then the value ends at a comma or a space.
    private static string ReadValue(string header, ref int position)
    {
        if (position < header.Length && header[position] == '"')
        {
            System.Text.StringBuilder value = new();
            for (position++; position < header.Length && header[position] != '"'; position++)
            {
                position += header[position] == '\\' && position + 1 < header.Length ? 1 : 0;
                value.Append(header[position]);
            }

            position = Math.Min(position + 1, header.Length);
            return value.ToString();
        }

        int start = position;
        while (position < header.Length && header[position] is not (',' or ' ' or '\t'))
        {
            position++;
        }

        return header[start..position];
    }
}
