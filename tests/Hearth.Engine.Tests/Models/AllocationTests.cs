using System.Threading.Channels;
using Hearth.Engine.Cache;
using Hearth.Engine.Gguf;
using Hearth.Engine.Models;
using Hearth.Engine.Sampling;
using Hearth.Engine.Scheduling;
using Hearth.Engine.Tests.Models.Synthesis;
using Hearth.Engine.Tokenization;
using Hearth.Kernels.Attention;
using Hearth.Tests;

namespace Hearth.Engine.Tests.Models;

/// <summary>
/// A decode step allocates no managed memory, in any thread: tokens would otherwise wait for the collector. Every model of
/// <see cref="ModelCases"/> that predicts tokens is measured. Other tests must not run meanwhile: all threads are counted.
/// </summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    private const int WarmUpSteps = 8;
    private const int Steps = 64;

    // The test framework's and the runtime's threads allocate now and then; what a step allocates shows in every attempt.
    private const int Attempts = 100;

    /// <summary>The names of the models that predict tokens.</summary>
    public static TheoryData<string> Names =>
        [.. ModelCases.All.Where(model => model.Metadata().GetInteger($"{model.Architecture}.pooling_type") is null).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_AllocateNothing(string name)
    {
        using ModelRun run = ModelRun.Open(name, threads: 1);

        Assert.Equal(0, run.Allocated(sampling: null));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen3moe")]
    [InlineData("mamba")]
    [InlineData("gemma3")]
    public void StepsOfSeveralThreads_AllocateNothing(string name)
    {
        using ModelRun run = ModelRun.Open(name, threads: 2);

        Assert.Equal(0, run.Allocated(sampling: null));
    }

    [Theory]
    [MemberData(nameof(SamplingNames))]
    public void StepsAndSampling_AllocateNothing(string name)
    {
        using ModelRun run = ModelRun.Open("llama", threads: 2);

        Assert.Equal(0, run.Allocated(s_sampling[name]));
    }

    [Fact]
    public void Output_AllocatesTheTextAndItsEvent()
    {
        const int StringBytes = 22;
        const int EventBytes = 40;
        using GgufFile file = GgufFile.Open(Golden.Path("stories", "stories260K.gguf"));
        Tokenizer tokenizer = Tokenizer.Create(file.Metadata);
        DroppedEvents events = new();
        GenerationOutput output = new(new GenerationRequest { Prompt = [1] }, tokenizer, events);
        int[] tokens = [.. tokenizer.Encode(string.Concat(Enumerable.Repeat("Once upon a time, ", 8)), addSpecial: false, parseSpecial: false)];
        void Add()
        {
            foreach (int token in tokens)
            {
                output.Add(token, null);
            }
        }

        Add();
        events.Reset();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Add();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(events.Count > 0);
        Assert.InRange(allocated, 1, (events.Count * (EventBytes + StringBytes + sizeof(long))) + (sizeof(char) * events.Characters));
    }

    /// <summary>The names of the sampling options that are measured.</summary>
    public static TheoryData<string> SamplingNames => [.. s_sampling.Keys];

    private static readonly Dictionary<string, SamplingOptions> s_sampling = new()
    {
        ["default"] = new() { Seed = 1 },
        ["greedy"] = new() { Seed = 1, Temperature = 0 },
        ["penalties"] = new() { Seed = 1, RepeatPenalty = 1.1f, PresencePenalty = 0.1f, FrequencyPenalty = 0.1f },
        ["penalties of everything"] = new() { Seed = 1, RepeatPenalty = 1.1f, RepeatLastN = -1 },
        ["mirostat"] = new() { Seed = 1, Mirostat = 2 },
        ["all"] = new() { Seed = 1, TopK = 0, TypicalP = 0.9f, TopNSigma = 2, XtcProbability = 0.5f, DynamicTemperatureRange = 0.5f },
    };

    private sealed class DroppedEvents : ChannelWriter<GenerationEvent>
    {
        public int Count { get; private set; }

        public int Characters { get; private set; }

        public void Reset() => (Count, Characters) = (0, 0);

        public override bool TryWrite(GenerationEvent item)
        {
            Count++;
            Characters += ((TextDelta)item).Text.Length;
            return true;
        }

        public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => new(true);
    }

    private sealed class ModelRun : IDisposable
    {
        private readonly string _path;
        private readonly OpenedModel _opened;

        private ModelRun(string path, int threads)
        {
            _path = path;
            _opened = OpenedModel.Open(path, new LanguageModelOptions { Threads = threads });
        }

        public static ModelRun Open(string name, int threads)
        {
            string path = Path.Combine(Path.GetTempPath(), $"hearth-{Guid.NewGuid():N}.gguf");
            ModelSynthesizer.Write(ModelCases.All.Single(model => model.Name == name), path);
            return new ModelRun(path, threads);
        }

        /// <summary>The least that <see cref="Steps"/> decode steps allocated in any attempt, after some to warm up.</summary>
        public long Allocated(SamplingOptions? sampling)
        {
            int vocabulary = _opened.Decoder.Config.VocabularySize;
            using KvPool pool = _opened.Decoder.CreateCache(((WarmUpSteps + Steps) / KvStorage.BlockTokens) + 1, KvElementType.F16);
            Sampler? sampler = sampling is null ? null : new Sampler(sampling, vocabulary);
            Sequence sequence = new();
            sequence.Expect(WarmUpSteps + Steps);
            Batch batch = new();
            float[] logits = new float[vocabulary];
            int token = 1;
            void Run(int steps)
            {
                for (int step = 0; step < steps; step++)
                {
                    Assert.True(pool.TryReserve(sequence, 1));
                    batch.Clear();
                    batch.Add(sequence, [token], LogitRows.Last);
                    _opened.Decoder.Forward(batch, pool, logits);
                    token = sampler?.Sample(logits) ?? (token + 1) % vocabulary;
                    sampler?.Accept(token);
                }
            }

            long least = long.MaxValue;
            for (int attempt = 0; attempt < Attempts && least > 0; attempt++)
            {
                pool.Release(sequence);
                Run(WarmUpSteps);
                long before = GC.GetTotalAllocatedBytes(precise: true);
                Run(Steps);
                least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
            }

            return least;
        }

        public void Dispose()
        {
            _opened.Dispose();
            File.Delete(_path);
        }
    }
}

/// <summary>Tests during which no others run.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
