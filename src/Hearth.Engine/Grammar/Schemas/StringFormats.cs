using Hearth.Engine.Grammar.Automata;
using Hearth.Engine.Grammar.Regex;
using Hearth.Engine.Grammar.Text;

namespace Hearth.Engine.Grammar.Schemas;

/// <summary>The formats of strings that a schema may ask for (JSON Schema Validation 2020-12, section 7.3).</summary>
internal static class StringFormats
{
    private const string LeapYear = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)";
    private const string Date = $"([0-9]{{4}}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|{LeapYear}-02-29)";
    private const string Time = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+\\-]([01][0-9]|2[0-3]):[0-5][0-9])";
    private const string Label = "[A-Za-z0-9]([A-Za-z0-9\\-]{0,30}[A-Za-z0-9])?";
    private const string HostName = $"{Label}(\\.{Label}){{0,3}}";
    private const string Atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-]";
    private const string Email = $"{Atom}{{1,30}}(\\.{Atom}{{1,30}}){{0,1}}@{Label}(\\.{Label}){{1,3}}";
    private const string Byte = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private const string IpV4 = $"{Byte}(\\.{Byte}){{3}}";
    private const string UriCharacter = "([A-Za-z0-9\\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})";
    private const string UriPath = $"(/{UriCharacter}*)*(\\?({UriCharacter}|[/?])*)?(#({UriCharacter}|[/?])*)?";
    private const string Uri = $"[A-Za-z][A-Za-z0-9+.\\-]{{0,20}}://{HostName}(:[0-9]{{1,5}})?{UriPath}";
    private const string Pointer = "(/([^~/]|~[01])*)*";
    private const string DurationTime = "T([0-9]{1,9}H([0-9]{1,9}M([0-9]{1,9}S)?)?|[0-9]{1,9}M([0-9]{1,9}S)?|[0-9]{1,9}S)";
    private const string DurationDate = "([0-9]{1,9}Y([0-9]{1,9}M([0-9]{1,9}D)?)?|[0-9]{1,9}M([0-9]{1,9}D)?|[0-9]{1,9}D)";

    private const string Group = "[0-9a-fA-F]{1,4}";

    // In the forms with ::, that stands for two groups of zeros or more.
    private static readonly string s_ipV6 =
        $"({Group}:){{7}}{Group}|({Group}:){{6}}{IpV4}|:((:{Group}){{1,6}}|:)|"
        + string.Join('|', Enumerable.Range(1, 5).Select(before => $"({Group}:){{{before}}}((:{Group}){{1,{6 - before}}}|:)"));

    private static readonly Dictionary<string, string?> s_patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] = $"P({DurationDate}({DurationTime})?|{DurationTime}|[0-9]{{1,9}}W)",
        ["email"] = Email,
        ["idn-email"] = Email,
        ["hostname"] = HostName,
        ["idn-hostname"] = HostName,
        ["ipv4"] = IpV4,
        ["ipv6"] = s_ipV6,
        ["uuid"] = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        ["uri"] = Uri,
        ["iri"] = Uri,
        ["uri-reference"] = $"{Uri}|{UriPath}",
        ["iri-reference"] = $"{Uri}|{UriPath}",
        ["json-pointer"] = Pointer,
        ["relative-json-pointer"] = $"(0|[1-9][0-9]{{0,8}})(#|{Pointer})",
        ["byte"] = "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
        ["password"] = null,
        ["binary"] = null,
    };

    /// <summary>The formats that are known.</summary>
    public static IEnumerable<string> Names => s_patterns.Keys;

    /// <summary>Whether a format is known.</summary>
    public static bool IsKnown(string format) => s_patterns.ContainsKey(format);

    /// <summary>The inside of a string of a format; null for any.</summary>
    /// <param name="format">The format.</param>
    /// <param name="form">How characters are written.</param>
    public static Expression? Find(string format, CharacterForm form) => s_patterns[format] is string pattern ? RegexCompiler.Match(pattern, form) : null;
}
