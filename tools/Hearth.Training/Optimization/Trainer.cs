using System.Diagnostics;
using Hearth.Training.Model;
using Hearth.Training.Numerics;
using Hearth.Training.Text;

namespace Hearth.Training.Optimization;

/// <summary>How long and how fast to learn; nothing here depends on the machine or on time.</summary>
/// <param name="Seed">The seed of the weights and of every batch.</param>
/// <param name="Steps">Updates.</param>
/// <param name="ShardTokens">Tokens of one of the two parts of a batch.</param>
/// <param name="PeakRate">The highest learning rate.</param>
/// <param name="Decay">AdamW's weight decay of the matrices.</param>
internal sealed record TrainingOptions(long Seed, int Steps, int ShardTokens = 1024, float PeakRate = 2.5e-3f, float Decay = 0.05f);

/// <summary>
/// Trains a transformer on sampled dialogues. A batch is two shards with their own random streams, transformers and gradients, added in
/// order; so the weights are the same however many cores there are and however the threads run.
/// </summary>
internal sealed class Trainer
{
    private const int Shards = 2;
    private const float LargestGradient = 1;
    private const double WarmUpShare = 0.04;
    private const double CutShare = 0.8;
    private const int CutAnswer = 8;

    private readonly ParameterLayout _layout;
    private readonly DialogueSampler _sampler;
    private readonly ChatEncoder[] _encoders;
    private readonly TrainingOptions _options;
    private readonly Transformer[] _transformers;
    private readonly AdamW _optimizer;
    private readonly LearningRate _rate;

    /// <summary>A trainer with freshly drawn weights.</summary>
    public Trainer(ParameterLayout layout, DialogueSampler sampler, Func<ChatEncoder> createEncoder, TrainingOptions options)
    {
        _layout = layout;
        _sampler = sampler;
        _options = options;
        Weights = layout.Initialize(new DeterministicRandom(options.Seed, -1));
        _encoders = [.. Enumerable.Range(0, Shards).Select(_ => createEncoder())];
        _transformers = [.. Enumerable.Range(0, Shards).Select(_ => new Transformer(layout, Weights))];
        _optimizer = new AdamW(layout.Length);
        _rate = new LearningRate(options.PeakRate, Math.Max(1, (int)(options.Steps * WarmUpShare)), options.Steps);
    }

    /// <summary>The weights in the layout's order.</summary>
    public float[] Weights { get; }

    /// <summary>Runs all steps and reports the mean loss per learned token now and then.</summary>
    public void Run(TextWriter progress, CancellationToken cancellationToken)
    {
        const int Interval = 50;
        Stopwatch watch = Stopwatch.StartNew();
        double loss = 0;
        long targets = 0;
        long tokens = 0;
        for (int step = 1; step <= _options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (double stepLoss, int stepTargets, int stepTokens) = Step(step);
            loss += stepLoss;
            targets += stepTargets;
            tokens += stepTokens;
            if (step % Interval == 0 || step == _options.Steps)
            {
                progress.WriteLine(
                    $"step {step,5} of {_options.Steps}   loss {loss / targets:F4}   {tokens / watch.Elapsed.TotalSeconds:F0} tokens/s   {watch.Elapsed:hh\\:mm\\:ss}");
                loss = 0;
                targets = 0;
            }
        }
    }

    /// <summary>One update; returns the summed loss, the learned tokens and all tokens of the batch.</summary>
    public (double Loss, int Targets, int Tokens) Step(int step)
    {
        var losses = new double[Shards];
        var batches = new PackedBatch[Shards];
        Parallel.For(0, Shards, shard =>
        {
            Transformer transformer = _transformers[shard];
            batches[shard] = MakeBatch(step, shard);
            Array.Clear(transformer.Gradients);
            transformer.Forward(batches[shard]);
            losses[shard] = transformer.Loss();
            transformer.Backward();
        });

        float[] gradients = _transformers[0].Gradients;
        for (int shard = 1; shard < Shards; shard++)
        {
            RowOperations.Add(gradients, _transformers[shard].Gradients);
        }

        int targets = batches.Sum(batch => batch.Targets.Count);
        float norm = MathF.Sqrt(_layout.Tensors.Sum(tensor => RowOperations.Dot(tensor.In(gradients), tensor.In(gradients)))) / targets;
        float scale = Math.Min(1, LargestGradient / norm) / targets;
        Parallel.ForEach(_layout.Tensors, tensor => _optimizer.Update(
            step,
            _rate.At(step),
            tensor.IsVector ? 0 : _options.Decay,
            scale,
            tensor.Offset,
            tensor.In(Weights),
            tensor.In(gradients)));
        return (losses.Sum(), targets, batches.Sum(batch => batch.Tokens.Count));
    }

    private PackedBatch MakeBatch(int step, int shard)
    {
        var random = new DeterministicRandom(_options.Seed, step, shard);
        var batch = new PackedBatch();
        while (true)
        {
            (int[] tokens, bool[] learned) = _encoders[shard].Encode(_sampler.Next(random).Messages);
            int length = Math.Min(Length(tokens, learned, random), _layout.Shape.Context);
            if (batch.Tokens.Count > 0 && batch.Tokens.Count + length > _options.ShardTokens)
            {
                return batch;
            }

            batch.Add(tokens.AsSpan(0, length), learned.AsSpan(0, length));
        }
    }

    /// <summary>
    /// How much of a dialogue to use: most end early in the last answer, because what is hard to learn is which answer to begin.
    /// </summary>
    private static int Length(int[] tokens, bool[] learned, DeterministicRandom random)
    {
        int last = Array.LastIndexOf(learned, true);
        int begin = Array.LastIndexOf(learned, false, last);
        return random.Chance(CutShare) ? Math.Min(tokens.Length, begin + 1 + CutAnswer) : tokens.Length;
    }
}
