using Hearth.Training.Numerics;

namespace Hearth.Training.Model;

/// <summary>
/// A llama-family transformer: forward keeps what backward needs. The weights are shared; the gradients and all
/// scratch belong to the instance, so one instance works for one thread.
/// </summary>
internal sealed class Transformer
{
    private readonly TransformerShape _shape;
    private readonly ParameterLayout _layout;
    private readonly float[] _weights;
    private readonly Gemm _gemm = new();
    private readonly Attention _attention;
    private readonly Rope _rope;
    private readonly LayerState[] _layers;

    private PackedBatch _batch = new();
    private float[] _final = [];
    private float[] _finalScales = [];
    private float[] _finalNormed = [];
    private float[] _selected = [];
    private float[] _logits = [];
    private float[] _dresidual = [];
    private float[] _dnormed = [];
    private float[] _dwide = [];
    private float[] _dprojection = [];

    /// <summary>A transformer over <paramref name="weights"/>, which the caller may change between passes.</summary>
    public Transformer(ParameterLayout layout, float[] weights)
    {
        _layout = layout;
        _shape = layout.Shape;
        _weights = weights;
        Gradients = new float[layout.Length];
        _attention = new Attention(_shape.Heads, _shape.KeyValueHeads, _shape.HeadWidth, _shape.Context);
        _rope = new Rope(_shape.HeadWidth, _shape.Context, TransformerShape.RopeBase);
        _layers = [.. Enumerable.Range(0, _shape.Layers).Select(_ => new LayerState())];
    }

    /// <summary>What <see cref="Backward"/> added up, in the layout of the weights.</summary>
    public float[] Gradients { get; }

    /// <summary>Runs the batch; returns the logits of its target rows, [targets, vocabulary], valid until the next call.</summary>
    public Span<float> Forward(PackedBatch batch)
    {
        _batch = batch;
        int count = batch.Tokens.Count;
        int width = _shape.Width;
        Span<float> residual = Take(ref _layers[0].Input, count * width);
        for (int i = 0; i < count; i++)
        {
            _layout.Embedding.In(_weights).Slice(batch.Tokens[i] * width, width).CopyTo(residual[(i * width)..]);
        }

        for (int layer = 0; layer < _layers.Length; layer++)
        {
            ref float[] next = ref layer + 1 < _layers.Length ? ref _layers[layer + 1].Input : ref _final;
            ForwardLayer(_layout.Layers[layer], _layers[layer], count, Take(ref next, count * width));
        }

        Span<float> normed = Take(ref _finalNormed, count * width);
        RowOperations.RmsNorm(
            _final.AsSpan(0, count * width), _layout.OutputNorm.In(_weights), TransformerShape.Epsilon, normed, Take(ref _finalScales, count));
        int targets = batch.Targets.Count;
        Span<float> selected = Take(ref _selected, targets * width);
        for (int i = 0; i < targets; i++)
        {
            normed.Slice(batch.Targets[i].Row * width, width).CopyTo(selected[(i * width)..]);
        }

        Span<float> logits = Take(ref _logits, targets * _shape.Vocabulary);
        _gemm.TimesTransposed(targets, _shape.Vocabulary, width, selected, _layout.Embedding.In(_weights), logits);
        return logits;
    }

    /// <summary>The sum of the targets' cross entropies; the logits of <see cref="Forward"/> become their gradient.</summary>
    public double Loss()
    {
        int vocabulary = _shape.Vocabulary;
        double loss = 0;
        for (int i = 0; i < _batch.Targets.Count; i++)
        {
            Span<float> row = _logits.AsSpan(i * vocabulary, vocabulary);
            RowOperations.Softmax(row, vocabulary);
            int target = _batch.Targets[i].Target;
            loss -= Math.Log(Math.Max(row[target], float.Epsilon));
            row[target] -= 1;
        }

        return loss;
    }

    /// <summary>Adds the gradient of <see cref="Loss"/> with respect to every weight to <see cref="Gradients"/>.</summary>
    public void Backward()
    {
        int count = _batch.Tokens.Count;
        int width = _shape.Width;
        int targets = _batch.Targets.Count;
        ReadOnlySpan<float> dlogits = _logits.AsSpan(0, targets * _shape.Vocabulary);
        Span<float> dembedding = _layout.Embedding.In(Gradients);
        _gemm.TransposedTimes(_shape.Vocabulary, width, targets, dlogits, _selected, dembedding, accumulate: true);
        _gemm.Times(targets, width, _shape.Vocabulary, dlogits, _layout.Embedding.In(_weights), _selected);
        Span<float> dnormed = Take(ref _dnormed, count * width);
        dnormed.Clear();
        for (int i = 0; i < targets; i++)
        {
            _selected.AsSpan(i * width, width).CopyTo(dnormed[(_batch.Targets[i].Row * width)..]);
        }

        Span<float> dresidual = Take(ref _dresidual, count * width);
        dresidual.Clear();
        RowOperations.RmsNormBackward(
            _final.AsSpan(0, count * width),
            _layout.OutputNorm.In(_weights),
            _finalScales,
            dnormed,
            dresidual,
            _layout.OutputNorm.In(Gradients));
        for (int layer = _layers.Length - 1; layer >= 0; layer--)
        {
            BackwardLayer(_layout.Layers[layer], _layers[layer], count, dresidual);
        }

        for (int i = 0; i < count; i++)
        {
            RowOperations.Add(dembedding.Slice(_batch.Tokens[i] * width, width), dresidual.Slice(i * width, width));
        }
    }

    private void ForwardLayer(ParameterLayout.LayerTensors tensors, LayerState state, int count, Span<float> next)
    {
        int width = _shape.Width;
        int projectionWidth = _shape.ProjectionWidth;
        int inner = _shape.FeedForward;
        ReadOnlySpan<float> input = state.Input.AsSpan(0, count * width);

        Span<float> normed = Take(ref state.Normed, count * width);
        RowOperations.RmsNorm(input, tensors.AttentionNorm.In(_weights), TransformerShape.Epsilon, normed, Take(ref state.Scales, count));
        Span<float> projection = Take(ref state.Projection, count * projectionWidth);
        _gemm.TimesTransposed(count, projectionWidth, width, normed, tensors.Projection.In(_weights), projection);
        RotateAll(projection, inverse: false);

        Span<float> attended = Take(ref state.Attended, count * width);
        Span<float> probabilities = Take(ref state.Probabilities, _batch.Sequences.Sum(s => _attention.ProbabilityCount(s.Length)));
        int used = 0;
        foreach ((int start, int length) in _batch.Sequences)
        {
            _attention.Forward(projection[(start * projectionWidth)..], length, probabilities[used..], attended[(start * width)..]);
            used += _attention.ProbabilityCount(length);
        }

        Span<float> middle = Take(ref state.Middle, count * width);
        input.CopyTo(middle);
        _gemm.TimesTransposed(count, width, width, attended, tensors.AttentionOutput.In(_weights), middle, accumulate: true);

        Span<float> middleNormed = Take(ref state.MiddleNormed, count * width);
        RowOperations.RmsNorm(
            middle, tensors.FeedForwardNorm.In(_weights), TransformerShape.Epsilon, middleNormed, Take(ref state.MiddleScales, count));
        Span<float> gateUp = Take(ref state.GateUp, count * 2 * inner);
        _gemm.TimesTransposed(count, 2 * inner, width, middleNormed, tensors.GateUp.In(_weights), gateUp);
        Span<float> gated = Take(ref state.Gated, count * inner);
        RowOperations.SwiGlu(gateUp, inner, gated);
        middle.CopyTo(next);
        _gemm.TimesTransposed(count, width, inner, gated, tensors.Down.In(_weights), next, accumulate: true);
    }

    private void BackwardLayer(ParameterLayout.LayerTensors tensors, LayerState state, int count, Span<float> dresidual)
    {
        int width = _shape.Width;
        int projectionWidth = _shape.ProjectionWidth;
        int inner = _shape.FeedForward;

        Span<float> dgated = Take(ref _dwide, count * inner);
        _gemm.TransposedTimes(width, inner, count, dresidual, state.Gated, tensors.Down.In(Gradients), accumulate: true);
        _gemm.Times(count, inner, width, dresidual, tensors.Down.In(_weights), dgated);
        Span<float> dgateUp = state.GateUp.AsSpan(0, count * 2 * inner);
        RowOperations.SwiGluBackward(dgateUp, inner, dgated);
        _gemm.TransposedTimes(2 * inner, width, count, dgateUp, state.MiddleNormed, tensors.GateUp.In(Gradients), accumulate: true);
        Span<float> dnormed = Take(ref _dnormed, count * width);
        _gemm.Times(count, width, 2 * inner, dgateUp, tensors.GateUp.In(_weights), dnormed);
        RowOperations.RmsNormBackward(
            state.Middle.AsSpan(0, count * width),
            tensors.FeedForwardNorm.In(_weights),
            state.MiddleScales,
            dnormed,
            dresidual,
            tensors.FeedForwardNorm.In(Gradients));

        Span<float> dattended = Take(ref _dwide, count * width);
        _gemm.TransposedTimes(width, width, count, dresidual, state.Attended, tensors.AttentionOutput.In(Gradients), accumulate: true);
        _gemm.Times(count, width, width, dresidual, tensors.AttentionOutput.In(_weights), dattended);
        Span<float> dprojection = Take(ref _dprojection, count * projectionWidth);
        dprojection.Clear();
        int used = 0;
        foreach ((int start, int length) in _batch.Sequences)
        {
            _attention.Backward(
                state.Projection.AsSpan(start * projectionWidth),
                length,
                state.Probabilities.AsSpan(used),
                dattended[(start * width)..],
                dprojection[(start * projectionWidth)..]);
            used += _attention.ProbabilityCount(length);
        }

        RotateAll(dprojection, inverse: true);
        _gemm.TransposedTimes(projectionWidth, width, count, dprojection, state.Normed, tensors.Projection.In(Gradients), accumulate: true);
        _gemm.Times(count, width, projectionWidth, dprojection, tensors.Projection.In(_weights), dnormed);
        RowOperations.RmsNormBackward(
            state.Input.AsSpan(0, count * width),
            tensors.AttentionNorm.In(_weights),
            state.Scales,
            dnormed,
            dresidual,
            tensors.AttentionNorm.In(Gradients));
    }

    private void RotateAll(Span<float> projection, bool inverse)
    {
        int rotated = (_shape.Heads + _shape.KeyValueHeads) * _shape.HeadWidth;
        foreach ((int start, int length) in _batch.Sequences)
        {
            for (int position = 0; position < length; position++)
            {
                _rope.Rotate(projection.Slice((start + position) * _shape.ProjectionWidth, rotated), position, inverse);
            }
        }
    }

    private static Span<float> Take(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[length + length / 4];
        }

        return buffer.AsSpan(0, length);
    }

    private sealed class LayerState
    {
        public float[] Input = []; // [tokens, width]
        public float[] Scales = []; // [tokens]
        public float[] Normed = []; // [tokens, width]
        public float[] Projection = []; // [tokens, projectionWidth]
        public float[] Probabilities = []; // per sequence [heads, length, padded length]
        public float[] Attended = []; // [tokens, width]
        public float[] Middle = []; // [tokens, width]
        public float[] MiddleScales = []; // [tokens]
        public float[] MiddleNormed = []; // [tokens, width]
        public float[] GateUp = []; // [tokens, 2 feedForward]
        public float[] Gated = []; // [tokens, feedForward]
    }
}
