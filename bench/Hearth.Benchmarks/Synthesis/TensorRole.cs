namespace Hearth.Benchmarks.Synthesis;

/// <summary>What a tensor is for, as far as a mix of types tells tensors apart.</summary>
internal enum TensorRole
{
    /// <summary>Norms, routers and other tensors that stay F32.</summary>
    Unquantised,

    TokenEmbedding,

    Output,

    Query,

    Key,

    Value,

    AttentionOutput,

    Gate,

    Up,

    Down,
}
