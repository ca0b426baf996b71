using System.Diagnostics;
using Hearth.Engine.Adapters;
using Hearth.Engine.Devices;
using Hearth.Engine.Gguf;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Threading;

namespace Hearth.Engine.Models;

/// <summary>A model file that is open, and its network on a device of its own: what every kind of model is made from.</summary>
internal sealed class OpenedModel : IDisposable
{
    private const string TokensKey = "tokenizer.ggml.tokens";

    // With less for each thread, a step is spent on waiting for each other, and other work of the machine on waiting for the threads.
    private const long BytesPerThread = 4 << 20;
    private readonly long _started;
    private readonly Task<Tokenizer?> _tokenizer;

    private OpenedModel(GgufFile file, Task<Tokenizer?> tokenizer, AdapterSet adapters, CpuDevice device, Decoder decoder, long started)
    {
        File = file;
        _tokenizer = tokenizer;
        Adapters = adapters;
        Device = device;
        Decoder = decoder;
        _started = started;
    }

    /// <summary>The file.</summary>
    public GgufFile File { get; }

    /// <summary>The adapters that are attached to the network.</summary>
    public AdapterSet Adapters { get; }

    /// <summary>The device.</summary>
    public CpuDevice Device { get; }

    /// <summary>The network.</summary>
    public Decoder Decoder { get; }

    /// <summary>Time since the file was asked for.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Opens a file. Its vocabulary is read in the background, which takes about as long as all else.</summary>
    /// <param name="paths">The file.</param>
    /// <param name="options">How to open it.</param>
    /// <param name="readVocabulary">Whether <see cref="FindTokenizer"/> will be called.</param>
    /// <param name="sharing">A device whose threads to use, or null for threads of its own.</param>
    /// <exception cref="GgufException">The file is not there, or not a sound GGUF file.</exception>
    /// <exception cref="ModelException">The file is sound, but Hearth cannot run it.</exception>
    /// <exception cref="LoraException">An adapter is not one for this model.</exception>
    public static OpenedModel Open(GgufPaths paths, LanguageModelOptions options, bool readVocabulary = true, CpuDevice? sharing = null)
    {
        long started = Stopwatch.GetTimestamp();
        GgufFile file = paths.Open();
        Task<Tokenizer?> tokenizer = readVocabulary ? Task.Run(() => ReadTokenizer(file.Metadata)) : Task.FromResult<Tokenizer?>(null);
        AdapterSet? adapters = null;
        CpuDevice? device = null;
        try
        {
            adapters = AdapterSet.Open(options.Adapters);
            device = sharing is null ? new CpuDevice(ThreadsFor(options, file)) : new CpuDevice(sharing);
            return new OpenedModel(file, tokenizer, adapters, device, ModelFamily.Load(file, device, adapters.Files), started);
        }
        catch
        {
            device?.Dispose();
            adapters?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Makes a model that owns this from now on; a failure closes the file.</summary>
    public T Become<T>(Func<OpenedModel, T> create)
    {
        try
        {
            return create(this);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Refuses a network that cannot continue text.</summary>
    /// <exception cref="ModelException">It has no logits, or sees both ways.</exception>
    public void RequireGeneration()
    {
        ModelConfig config = Decoder.Config;
        if (!Decoder.HasLogits)
        {
            throw ModelException.NoLogits(config.Architecture);
        }

        if (!config.Causal)
        {
            throw ModelException.UnsupportedFeature(config.Architecture, "diffusion over whole texts to generate");
        }
    }

    /// <summary>The file's tokenizer, or null when it has no vocabulary.</summary>
    /// <exception cref="TokenizerException">The vocabulary is broken or of an unknown kind.</exception>
    /// <exception cref="ModelException">It has more tokens than the model has embeddings.</exception>
    public Tokenizer? FindTokenizer()
    {
        Tokenizer? tokenizer = _tokenizer.GetAwaiter().GetResult();
        int rows = Decoder.Config.VocabularySize;
        return tokenizer is null || tokenizer.VocabularySize <= rows
            ? tokenizer
            : throw ModelException.InvalidMetadata(TokensKey, $"a list of {tokenizer.VocabularySize}", $"at most the {rows} rows of the embedding table");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Device.Dispose();
        Adapters.Dispose();
        File.Dispose();
    }

    private static int ThreadsFor(LanguageModelOptions options, GgufFile file) =>
        options.Threads > 0 ? options.Threads : (int)Math.Clamp(file.FileLength / BytesPerThread, 1, ComputePool.DefaultThreads);

    private static Tokenizer? ReadTokenizer(GgufMetadata metadata) =>
        metadata.GetStrings(TokensKey) is null ? null : Tokenizer.Create(metadata);
}
