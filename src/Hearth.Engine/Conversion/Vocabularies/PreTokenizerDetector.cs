namespace Hearth.Engine.Conversion.Vocabularies;

/// <summary>
/// Finds the value of <c>tokenizer.ggml.pre</c> from the definition in <c>tokenizer.json</c>: its steps, with expressions that are
/// written in one form, are looked up among those that published models have.
/// </summary>
internal static class PreTokenizerDetector
{
    private const string Contraction = "'C";
    private const string Bytes = "bytes";
    private const string Gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private const string Tail = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string SlashTail = @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]|\s+(?!\S)|\s+";
    private const string Word = @"|[^\r\n\p{L}\p{N}]?\p{L}+";
    private const string CasedFirst = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+";
    private const string CasedSecond = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*";
    private const string Bloom = @" ?[^(\s|[.,!?…。，、।۔،])]+";
    private const string DeepSeek3 = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
        + @"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+";

    // Ways to write the contractions of English that mean the same.
    private static readonly string[] s_contractions =
    [
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])", "'(?i:[sdmt]|ll|ve|re)",
        "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])",
    ];

    private static readonly Definition[] s_known =
    [
        new([Gpt2, Bytes], "gpt-2"),
        new([@"\p{N}", Gpt2, Bytes], "smollm", WhenCleaned: "starcoder"),
        new([Contraction + Word + @"|\p{N}{1,3}" + Tail, Bytes], "dbrx", WhenMergesAreIgnored: "llama-bpe"),
        new([Contraction + Word + @"|\p{N}" + Tail, Bytes], "qwen2"),
        new([Contraction + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+", Bytes],
            "qwen35"),
        new([CasedFirst + "|" + CasedSecond + @"|\p{N}" + SlashTail, Bytes], "tekken", WhenMergesAreIgnored: "tekken"),
        new(
            [CasedFirst + Contraction + "?|" + CasedSecond + Contraction + @"?|\p{N}{1,3}" + SlashTail, Bytes],
            "gpt-4o", WhenMergesAreIgnored: "gpt-4o"),
        new([@"\p{N}{1,3}", "[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+", DeepSeek3, Bytes], "deepseek-v3"),
        new(["[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF]+", @"\p{N}", Bytes], "deepseek-coder"),
        new([Bloom, Bytes], "poro-chat", WhenCleaned: "bloom"),
        new([Bloom, @"\p{N}", Bytes], "viking"),
    ];

    /// <summary>The names that can be found.</summary>
    public static IEnumerable<string> Names =>
        s_known.SelectMany(known => new[] { known.Name, known.WhenCleaned, known.WhenMergesAreIgnored })
            .OfType<string>().Distinct().Order(StringComparer.Ordinal);

    /// <summary>The name of a definition.</summary>
    /// <param name="definition">The tokenizer.</param>
    /// <param name="cleansUp">What <c>tokenizer_config.json</c> says of spaces before punctuation, if anything.</param>
    /// <exception cref="ConversionException">It is not one that is known.</exception>
    public static string Detect(BpeDefinition definition, bool? cleansUp)
    {
        ConfigNode tokenizer = definition.Tokenizer;
        foreach (ConfigNode step in Flatten(tokenizer.Find("normalizer"), "normalizers"))
        {
            // Texts are nearly always in this form already; readers of GGUF files do not bring them into it.
            if (TypeOf(step) != "NFC")
            {
                throw ConversionException.UnsupportedTokenizer(
                    TypeOf(step), $"the normalizer of tokenizer.json has the step {step.Json}, which a GGUF file cannot say");
            }
        }

        List<string> steps = [];
        foreach (ConfigNode step in Flatten(tokenizer.Find("pre_tokenizer"), "pretokenizers"))
        {
            steps.AddRange(Describe(step));
        }

        Definition? found = Array.Find(s_known, known => known.Steps.AsSpan().SequenceEqual(steps.ToArray()));
        string? name = found is null ? null
            : definition.IgnoresMerges ? found.WhenMergesAreIgnored
            : cleansUp == true ? found.WhenCleaned ?? found.Name : found.Name;
        return name ?? throw ConversionException.UnrecognizedPreTokenizer(
            (tokenizer.Find("pre_tokenizer")?.Json ?? "none") + (definition.IgnoresMerges ? ", with ignore_merges" : string.Empty), Names);
    }

    /// <summary>The steps of a definition: itself, or those of a sequence, in a sequence of sequences too.</summary>
    public static IEnumerable<ConfigNode> Flatten(ConfigNode? node, string key)
    {
        if (node is not ConfigNode step)
        {
            return [];
        }

        return TypeOf(step) == "Sequence" ? (step.Find(key)?.Items() ?? []).SelectMany(inner => Flatten(inner, key)) : [step];
    }

    /// <summary>A step's type.</summary>
    public static string TypeOf(ConfigNode step) => step.Find("type")?.AsText() ?? "unknown";

    private static string[] Describe(ConfigNode step)
    {
        switch (TypeOf(step))
        {
            case "Split" when step.Find("pattern")?.Find("Regex") is ConfigNode regex:
                // Cutting at matches and keeping them, or keeping only them: the same where the expression matches everything.
                bool inverted = step.Find("invert")?.AsBoolean() ?? false;
                bool keeps = step.Find("behavior")?.AsText() == (inverted ? "Removed" : "Isolated");
                return [keeps ? Normalize(regex.AsText()) : $"unknown: {step.Json}"];
            case "Digits" when step.Find("individual_digits")?.AsBoolean() ?? false:
                return [@"\p{N}"];
            case "ByteLevel" when !(step.Find("add_prefix_space")?.AsBoolean() ?? true):
                return step.Find("use_regex")?.AsBoolean() ?? true ? [Gpt2, Bytes] : [Bytes];
            default:
                return [$"unknown: {step.Json}"];
        }
    }

    private static string Normalize(string expression)
    {
        foreach (string contraction in s_contractions)
        {
            expression = expression.Replace(contraction, Contraction, StringComparison.Ordinal);
        }

        // Giving nothing back changes nothing in these expressions, nor do newlines after the last of white space.
        return expression.Replace("?+", "?", StringComparison.Ordinal).Replace("++", "+", StringComparison.Ordinal)
            .Replace(@"\p{N}{1}", @"\p{N}", StringComparison.Ordinal).Replace(@"\s*[\r\n]+", @"\s*[\r\n]", StringComparison.Ordinal);
    }

    /// <summary>Steps, and the name that they have: for most, for tokenizers that clean up spaces, for those that ignore merges.</summary>
    private sealed record Definition(string[] Steps, string Name, string? WhenCleaned = null, string? WhenMergesAreIgnored = null);
}
