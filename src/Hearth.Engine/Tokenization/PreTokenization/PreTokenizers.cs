using Hearth.Engine.Tokenization.Unicode;

namespace Hearth.Engine.Tokenization.PreTokenization;

/// <summary>The pre-tokenizers by the names that <c>tokenizer.ggml.pre</c> uses.</summary>
internal static class PreTokenizers
{
    /// <summary>The name that stands for "none was recorded".</summary>
    public const string DefaultName = "default";

    private static readonly Dictionary<string, Func<PreTokenizer>> s_byName = Build();

    /// <summary>All names, in alphabetical order.</summary>
    public static IEnumerable<string> Names => s_byName.Keys.Order(StringComparer.Ordinal);

    /// <summary>The pre-tokenizer of a name.</summary>
    /// <exception cref="TokenizerException">The name is not known.</exception>
    public static PreTokenizer Get(string name) =>
        s_byName.TryGetValue(name, out Func<PreTokenizer>? make) ? make() : throw TokenizerException.UnknownPreTokenizer(name, Names);

    private static Dictionary<string, Func<PreTokenizer>> Build()
    {
        Dictionary<string, Func<PreTokenizer>> byName = new(StringComparer.Ordinal);
        void Add(Func<PreTokenizer> make, params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                byName.Add(name, make);
            }
        }

        Add(() => Of(Punctuation("$+<=>^~|"), Gpt2(), Numbers(), AsciiTriples()), DefaultName);
        Add(() => Of(Gpt2()), "gpt-2", "phi-2", "jina-es", "jina-de", "gigachat", "jina-v2-es", "jina-v2-de", "a.x-4.0", "mellum",
            "modern-bert", "mpt", "olmo", "jais", "exaone4");
        Add(() => Of(Gpt2()) with { AddSep = true }, "jina-v1-en", "jina-v2-code", "roberta-bpe");
        Add(() => Exact(Gpt2()), "trillion", "granite-docling");
        Add(() => Of(Numbers(1), Gpt2()), "starcoder", "refact", "codeshell", "exaone", "minerva-7b", "mellum2");
        Add(() => Exact(Numbers(1), Gpt2()), "command-r", "smollm");
        Add(() => Of(Punctuation("$+<=>^~|`"), Gpt2(), AsciiTriples()), "falcon");

        Add(() => Of(Words(new())) with { IgnoreMerges = true, AddBos = true }, "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1",
            "pixtral", "midm-2.0", "lfm2", "jina-v5-nano");
        Add(() => Of(Words(new())), "dbrx", "smaug-bpe");
        Add(() => Of(Words(new())) with { NoDefaultBos = true }, "glm4", "chatglm-bpe");
        Add(() => Of(Words(new()), new SpaceCascadeSplitter()), "jais-2");
        Add(() => Of(Words(new() { MaxDigits = 1 })), "stablelm2", "megrez");
        Add(() => Exact(Words(new() { MaxDigits = 1 })), "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "hunyuan", "solar-open",
            "grok-2", "bailingmoe",
            "bailingmoe2", "llada-moe");
        Add(() => Exact(Words(new() { MaxDigits = 1, Word = WordRule.LettersAndMarks, MarksAreNotPunctuation = true })), "qwen35");
        Add(() => Exact(Words(new() { MaxDigits = 1, Tail = PunctuationTail.None })), "seed-coder");
        Add(() => Exact(new NewlineSplitter(), Words(new() { MaxDigits = 1 })), "laguna");
        Add(() => Of(Words(new() { MaxDigits = 1, Word = WordRule.Phrase, Tail = PunctuationTail.OneNewlineOrSlash })), "exaone-moe");
        Add(() => Of(Numbers(3), Words(new() { MaxDigits = int.MaxValue })) with { IgnoreMerges = true }, "minicpm5");

        WordSplitterOptions cased = new()
        {
            Contractions = Contractions.EndWord,
            Word = WordRule.Cased,
            Tail = PunctuationTail.NewlinesAndSlashes,
        };
        WordSplitterOptions tekken = cased with { Contractions = Contractions.None, MaxDigits = 1 };
        WordSplitterOptions joined = cased with { Word = WordRule.LettersAndMarks };
        Add(() => Exact(Words(tekken)) with { IgnoreMerges = true, AddBos = true }, "tekken");
        Add(() => Exact(Words(cased)), "gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2");
        Add(() => Exact(Words(cased with { Word = WordRule.CasedWithMarks })) with { IgnoreMerges = true }, "granite-embed-multi-97m");
        Add(() => Exact(new DigitGroupSplitter(asciiOnly: false), Words(joined)), "tiny_aya", "cohere2moe");
        Add(() => Exact(Youtu(), Words(joined with { MaxDigits = 1 })) with { IgnoreMerges = true }, "youtu");
        Add(() => Exact(new HanWordSplitter()), "kimi-k2");

        Add(() => Exact(Numbers(3), List(CodePointLists.HanAndKana), new SymbolWordSplitter()), "deepseek-v3", "hunyuan-dense",
            "joyai-llm");
        Add(() => Exact(new DigitGroupSplitter(asciiOnly: false), List(CodePointLists.AsianScripts), new SymbolWordSplitter()), "afmoe");
        Add(() => Exact(Newline(), AfterSpace(CodePointSet.Of(default, CodePointLists.DeepSeekLetters)),
            AfterSpace(CodePointSet.Of(default, CodePointLists.DeepSeekPunctuation)), new TrailingSpaceSplitter(),
            List(CodePointLists.DeepSeekIdeographs), Numbers()), "deepseek-llm");
        Add(() => Exact(Newline(), AfterSpace(CodePointSet.Of(CharacterClass.Letter)),
            AfterSpace(CodePointSet.Of(CharacterClass.Punctuation)),
            List(CodePointLists.DeepSeekIdeographs), Numbers(1)), "deepseek-coder");
        Add(() => Exact(Bloom()), "poro-chat");
        Add(() => Of(Bloom()), "bloom", "gpt3-finnish");
        Add(() => Exact(Bloom(), Numbers(1)), "viking");
        Add(() => Exact(Numbers(), new DigitGroupSplitter(asciiOnly: true)), "superbpe");
        Add(() => Chameleon() with { AddBos = true }, "chameleon");

        PreTokenizer lines = Of(new NewlineSplitter()) with { RawUtf8 = true, EscapeSpaces = true, ForceBos = true, WholeNewlines = true };
        Add(() => lines, "gemma4", "granite-embed-multi-311m");
        Add(() => Exact(new NewlineSplitter()) with { RawUtf8 = true, EscapeSpaces = true }, "sarvam-moe");
        Add(() => Of(new RunSplitter(CodePointSet.Except(CharacterClass.WhiteSpace))) with { RawUtf8 = true }, "whitespace");
        return byName;
    }

    private static PreTokenizer Of(params TextSplitter[] steps) => new() { Steps = steps };

    private static PreTokenizer Exact(params TextSplitter[] steps) => new() { Steps = steps, CleanUpSpaces = false };

    private static PreTokenizer Chameleon() => Exact(
        new ImageMarkerSplitter(sentinel: true), new ImageMarkerSplitter(sentinel: false), new SpaceMarkerSplitter(), Numbers(1),
        new RunSplitter(CodePointSet.Of(CharacterClass.Punctuation, "!-/:-@[-`{-~"), maximum: 1), Gpt2());

    private static Gpt2Splitter Gpt2() => new();

    private static WordSplitter Words(WordSplitterOptions options) => new(options);

    private static RunSplitter Numbers(int maximum = int.MaxValue) => new(CodePointSet.Of(CharacterClass.Number), maximum: maximum);

    private static RunSplitter Punctuation(string symbols) => new(CodePointSet.Of(CharacterClass.Punctuation, symbols));

    private static RunSplitter AsciiTriples() => new(CodePointSet.Of(default, "0-9"), minimum: 3, maximum: 3);

    private static RunSplitter List(string ranges) => new(CodePointSet.Of(default, ranges));

    private static RunSplitter Newline() => new(CodePointSet.Of(default, "\r\n"), maximum: 1);

    private static RunSplitter AfterSpace(CodePointSet set) => new(set, lead: CodePointSet.Of(CharacterClass.WhiteSpace));

    private static RunSplitter Bloom() =>
        new(CodePointSet.Except(CharacterClass.WhiteSpace, CodePointLists.BloomStops), lead: CodePointSet.Of(default, " "));

    private static AlternativeRunsSplitter Youtu() => new(
        CodePointSet.Of(default, CodePointLists.HangulAndJamo), CodePointSet.Of(default, CodePointLists.WidePunctuation),
        CodePointSet.Of(default, CodePointLists.Bopomofo), CodePointSet.Of(default, CodePointLists.HanAndKana));
}
