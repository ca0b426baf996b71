namespace Hearth.Benchmarks.Synthesis;

/// <summary>The sizes of a llama-architecture model.</summary>
/// <param name="Name">The name under which it is asked for.</param>
/// <param name="Vocabulary">The vocabulary file that fits it.</param>
internal sealed record ModelShape(string Name, string Vocabulary)
{
    public int Layers { get; init; }

    public int Embedding { get; init; }

    public int FeedForward { get; init; }

    public int Heads { get; init; }

    public int KeyValueHeads { get; init; }

    public int VocabularySize { get; init; }

    public int ContextLength { get; init; }

    public float RopeBase { get; init; }

    /// <summary>The factor of Llama 3's frequency scaling; 1 for none.</summary>
    public float RopeFactor { get; init; } = 1;

    /// <summary>Whether the output matrix is the token embedding.</summary>
    public bool TiedEmbedding { get; init; }

    /// <summary>0 for a dense model.</summary>
    public int Experts { get; init; }

    public int ExpertsUsed { get; init; }

    public int HeadLength => Embedding / Heads;

    public static IReadOnlyList<ModelShape> All { get; } =
    [
        SmolLm("smollm2-135m", 100_000) with { Layers = 30, Embedding = 576, FeedForward = 1536, Heads = 9, KeyValueHeads = 3 },
        SmolLm("smollm2-360m", 100_000) with { Layers = 32, Embedding = 960, FeedForward = 2560, Heads = 15, KeyValueHeads = 5 },
        SmolLm("smollm2-1.7b", 130_000) with { Layers = 24, Embedding = 2048, FeedForward = 8192, Heads = 32, KeyValueHeads = 32 },
        Llama2("tinyllama-1.1b", 2048) with { Layers = 22, Embedding = 2048, FeedForward = 5632, Heads = 32, KeyValueHeads = 4 },
        Llama2("llama-2-7b", 4096) with { Layers = 32, Embedding = 4096, FeedForward = 11008, Heads = 32, KeyValueHeads = 32 },
        Llama3("llama-3.2-1b", 32, tied: true) with { Layers = 16, Embedding = 2048, FeedForward = 8192, Heads = 32, KeyValueHeads = 8 },
        Llama3("llama-3.2-3b", 32, tied: true) with { Layers = 28, Embedding = 3072, FeedForward = 8192, Heads = 24, KeyValueHeads = 8 },
        Llama3("llama-3.1-8b", 8, tied: false) with { Layers = 32, Embedding = 4096, FeedForward = 14336, Heads = 32, KeyValueHeads = 8 },
        Mixtral("mixtral-tiny") with { Layers = 8, Embedding = 1024, FeedForward = 3584, Heads = 16, KeyValueHeads = 4 },
        Mixtral("mixtral-8x7b") with { Layers = 32, Embedding = 4096, FeedForward = 14336, Heads = 32, KeyValueHeads = 8 },
    ];

    public static string Names => string.Join(", ", All.Select(shape => shape.Name));

    public static ModelShape? Find(string name) => All.FirstOrDefault(shape => shape.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static ModelShape SmolLm(string name, float ropeBase) =>
        Sized(name, "starcoder.gguf", 49152, 8192, ropeBase) with { TiedEmbedding = true };

    private static ModelShape Llama2(string name, int contextLength) => Sized(name, "llama-spm.gguf", 32000, contextLength, 10_000);

    private static ModelShape Llama3(string name, float ropeFactor, bool tied) =>
        Sized(name, "llama-bpe.gguf", 128256, 131072, 500_000) with { RopeFactor = ropeFactor, TiedEmbedding = tied };

    private static ModelShape Mixtral(string name) =>
        Sized(name, "llama-spm.gguf", 32000, 32768, 1_000_000) with { Experts = 8, ExpertsUsed = 2 };

    private static ModelShape Sized(string name, string vocabulary, int vocabularySize, int contextLength, float ropeBase) =>
        new(name, vocabulary) { VocabularySize = vocabularySize, ContextLength = contextLength, RopeBase = ropeBase };
}
