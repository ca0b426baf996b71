using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hearth.Store.Manifests;

namespace Hearth.Store.Modelfiles;

/// <summary>Reads Modelfiles, character by character as Ollama does (parser/parser.go): what it takes, it takes in the same way.</summary>
internal static partial class ModelfileParser
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const string UnknownInstruction =
        "command must be one of \"from\", \"license\", \"template\", \"system\", \"adapter\", \"draft\", \"renderer\", \"parser\", \"parameter\", \"message\", or \"requires\"";

    private static readonly string[] s_instructions = ["from", "license", "template", "system", "adapter", "draft", "renderer", "parser", "parameter", "message", "requires"];
    private static readonly string[] s_roles = ["system", "user", "assistant"];

    private enum State
    {
        Between,
        Comment,
        Instruction,
        Name,
        Value,
    }

    /// <exception cref="ModelfileException">It is no Modelfile.</exception>
    public static Modelfile Parse(ReadOnlySpan<byte> bytes) => bytes.Length <= MaxBytes
        ? Compose(ReadCommands(Decode(bytes)))
        : throw new ModelfileException(0, $"The Modelfile has {bytes.Length} bytes; more than {MaxBytes} are not read.");

    private static string Decode(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(Encoding.Unicode.Preamble) ? Encoding.Unicode.GetString(bytes[Encoding.Unicode.Preamble.Length..])
        : bytes.StartsWith(Encoding.BigEndianUnicode.Preamble) ? Encoding.BigEndianUnicode.GetString(bytes[Encoding.BigEndianUnicode.Preamble.Length..])
        : Encoding.UTF8.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);

    private static List<Command> ReadCommands(string text)
    {
        List<Command> commands = [];
        TrimmedText buffer = new();
        State state = State.Between;
        string instruction = string.Empty, name = string.Empty;
        int line = 1, start = 1;
        char previous = '\0';
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (state)
            {
                case State.Between when rune.Value == '#':
                    state = State.Comment;
                    break;
                case State.Between when !IsBlank(rune):
                    (state, start, name) = (State.Instruction, line, string.Empty);
                    buffer.Clear();
                    Keep(buffer, rune);
                    break;
                case State.Comment when IsLineEnd(rune):
                    state = State.Between;
                    break;
                case State.Instruction when IsSpace(rune) && s_instructions.Contains(buffer.ToString().ToLowerInvariant()):
                    instruction = buffer.ToString().ToLowerInvariant();
                    state = instruction is "parameter" or "message" ? State.Name : State.Value;
                    buffer.Clear();
                    break;
                case State.Instruction when !char.IsAsciiLetter(AsChar(rune)):
                    throw new ModelfileException(start, UnknownInstruction);
                case State.Name when IsSpace(rune) && buffer.IsEmpty:
                    break;
                case State.Name when IsSpace(rune):
                    name = buffer.ToString();
                    state = instruction != "message" || s_roles.Contains(name)
                        ? State.Value
                        : throw new ModelfileException(start, "message role must be one of \"system\", \"user\", or \"assistant\"");
                    buffer.Clear();
                    break;
                case State.Name when !char.IsAsciiLetter(AsChar(rune)) && (instruction == "message" || !(char.IsAsciiDigit(AsChar(rune)) || rune.Value == '_')):
                    throw EndsEarly(start, instruction, buffer);
                case State.Value when IsLineEnd(rune) && buffer.Unquote() is { } value:
                    commands.Add(new Command(start, instruction, name, value));
                    state = State.Between;
                    break;
                case State.Instruction or State.Name or State.Value:
                    Keep(buffer, rune);
                    break;
            }

            line += rune.Value == '\r' || (rune.Value == '\n' && previous != '\r') ? 1 : 0;
            previous = AsChar(rune);
        }

        switch (state)
        {
            case State.Value:
                commands.Add(new Command(start, instruction, name, buffer.Unquote() ?? throw EndsEarly(start, instruction, buffer)));
                break;
            case State.Name:
                throw EndsEarly(start, instruction, buffer);
            case State.Instruction:
                throw s_instructions.Contains(buffer.ToString().ToLowerInvariant()) ? EndsEarly(start, buffer.ToString(), buffer) : new ModelfileException(start, UnknownInstruction);
        }

        return commands;
    }

    private static Modelfile Compose(List<Command> commands)
    {
        if (commands.Find(command => command.Instruction is "from" or "adapter" or "draft" && command.Value.Length == 0) is { } empty)
        {
            throw new ModelfileException(empty.Line, $"{empty.Instruction.ToUpperInvariant()} needs {(empty.Instruction == "from" ? "the name of a model or a path" : "a path")}");
        }

        IReadOnlyList<string> All(string instruction) => [.. commands.Where(command => command.Instruction == instruction).Select(command => command.Value)];
        string? Last(string instruction) => commands.FindLast(command => command.Instruction == instruction)?.Value;
        IReadOnlyList<string> from = All("from");
        return new Modelfile
        {
            From = from.Count > 0 ? from : throw new ModelfileException(0, "no FROM line"),
            Adapters = All("adapter"),
            Draft = Last("draft"),
            Template = Last("template") is { } template ? new PackagedTemplate(TemplateLanguages.Tell(template), template) : null,
            System = Last("system"),
            Renderer = Last("renderer"),
            Parser = Last("parser"),
            Parameters = [.. commands.Where(command => command.Instruction == "parameter").Select(command => KeyValuePair.Create(command.Name, command.Value))],
            Messages = [.. commands.Where(command => command.Instruction == "message").Select(command => new PackagedMessage(command.Name, command.Value))],
            Licenses = All("license"),
            Requires = commands.FindLast(command => command.Instruction == "requires") is { } requires ? CheckVersion(requires) : null,
        };
    }

    private static string CheckVersion(Command requires) => Version().Match(requires.Value) is { Success: true } version
        ? version.Groups["version"].Value
        : throw new ModelfileException(requires.Line, "requires must be a valid semver (e.g. 0.14.0)");

    private static ModelfileException EndsEarly(int line, string instruction, TrimmedText buffer) =>
        new(line, $"unexpected EOF: {buffer.FirstLine}; {instruction.ToUpperInvariant()} needs {instruction switch
        {
            "parameter" => "a name and a value",
            "message" => "a role and a text",
            _ => "a value, and a quote that it begins with at its end",
        }}");

    private static void Keep(TrimmedText buffer, Rune rune)
    {
        if (IsBlank(rune) || IsPrintable(rune))
        {
            buffer.Append(rune);
        }
    }

    // Go's strconv.IsPrint: letters, marks, numbers, punctuation and symbols; blanks are told apart before.
    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static char AsChar(Rune rune) => rune.IsBmp ? (char)rune.Value : '\uFFFD';

    private static bool IsSpace(Rune rune) => rune.Value is ' ' or '\t';

    private static bool IsLineEnd(Rune rune) => rune.Value is '\r' or '\n';

    private static bool IsBlank(Rune rune) => IsSpace(rune) || IsLineEnd(rune);

    [GeneratedRegex(@"^v?(?<version>(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)?)?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Version();

    private sealed record Command(int Line, string Instruction, string Name, string Value);
}
