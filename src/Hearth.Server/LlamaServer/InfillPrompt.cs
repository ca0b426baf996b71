using System.Text.Json;
using Hearth.Engine.Tokenization;
using Hearth.Server.Errors;
using Hearth.Server.OpenAi;

namespace Hearth.Server.LlamaServer;

/// <summary>A gap to fill: the text before and after it, and other files of the project.</summary>
/// <param name="Prefix">The text before the gap.</param>
/// <param name="Suffix">The text after the gap.</param>
/// <param name="Begun">What the gap begins with.</param>
/// <param name="Files">Other files.</param>
internal sealed record InfillPrompt(string Prefix, string Suffix, string Begun, IReadOnlyList<(string Name, string Text)> Files)
{
    // Tokens around the gap that are read at most: three quarters of them before it.
    private const int MaxTokens = 2048;

    public static InfillPrompt Read(RequestReader reader)
    {
        List<(string Name, string Text)> files = [];
        if (reader.TryGet("input_extra", out JsonElement extra))
        {
            if (extra.ValueKind != JsonValueKind.Array)
            {
                throw reader.Wrong("input_extra", "an array of objects with 'filename' and 'text'", extra);
            }

            foreach (JsonElement item in extra.EnumerateArray())
            {
                RequestReader file = new(item, $"input_extra[{files.Count}]");
                files.Add((file.Text("filename") ?? "tmp", Required(file, "text")));
            }
        }

        return new InfillPrompt(Required(reader, "input_prefix"), Required(reader, "input_suffix"), reader.Text("prompt") ?? string.Empty, files);
    }

    /// <summary>The tokens: other files as far as there is room, then prefix, suffix and the mark of the middle.</summary>
    /// <param name="tokenizer">The vocabulary.</param>
    /// <param name="contextLength">Tokens that the context holds.</param>
    /// <exception cref="ApiException">The vocabulary has no tokens for this.</exception>
    public List<int> Encode(Tokenizer tokenizer, int contextLength)
    {
        SpecialTokens special = tokenizer.Special;
        if (special is not { FimPrefix: int before, FimSuffix: int after, FimMiddle: int middle })
        {
            throw ApiException.NotSupported("The model's vocabulary has no tokens for filling in the middle (prefix, suffix, middle). Use a model made for code completion.");
        }

        List<int> Plain(string text) => tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        int most = Math.Min(MaxTokens, contextLength / 2);
        List<int> begun = Plain(Begun);
        List<int> prefix = Plain(Prefix);
        List<int> suffix = Plain(Suffix);
        List<int> gap =
        [
            before, .. prefix.TakeLast(most / 4 * 3), .. begun,
            after, .. suffix.Take(Math.Max(0, (most / 4) - 2 - begun.Count)),
            middle,
        ];
        List<int> files = Files.Count == 0 ? [] : EncodeFiles(special, Plain);
        int beginning = special is { AddBos: true, Bos: not null } ? 1 : 0;
        int room = Math.Max(0, contextLength - gap.Count - beginning - (contextLength / 4));
        return [.. beginning == 1 ? [special.Bos!.Value] : (ReadOnlySpan<int>)[], .. files.TakeLast(room), .. gap];
    }

    private List<int> EncodeFiles(SpecialTokens special, Func<string, List<int>> plain)
    {
        List<int> tokens = special.FimRepository is int repository ? [repository, .. plain("myproject\n")] : [];
        foreach ((string name, string text) in Files)
        {
            tokens.AddRange(Begin(name));
            tokens.AddRange(plain(text));
        }

        // The file with the gap is another one of them.
        tokens.AddRange(Begin("filename"));
        return tokens;

        IEnumerable<int> Begin(string name) => special.FimSeparator is int separator ? [separator, .. plain($"{name}\n")] : plain($"\n\n--- {name} ---\n\n");
    }

    private static string Required(RequestReader reader, string name) =>
        reader.Text(name) ?? throw ApiException.Invalid($"'{reader.Path(name)}' is missing.", reader.Path(name), "missing_required_parameter");
}
