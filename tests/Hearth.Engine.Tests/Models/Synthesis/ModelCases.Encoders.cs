using Entry = (string Key, Hearth.Engine.Gguf.GgufValue Value);

namespace Hearth.Engine.Tests.Models.Synthesis;

/// <content>Models that embed or rank: their headers say how states become one result.</content>
internal static partial class ModelCases
{
    private const int EveryState = 0;
    private const int Mean = 1;
    private const int First = 2;
    private const int Last = 3;
    private const int Rank = 4;

    private static IReadOnlyList<ModelCase> Encoders =>
    [
        new("bert", "bert") { Entries = [.. Bert, .. Pooled(EveryState)], With = ["*.bias"] },
        new("bert-first", "bert")
        {
            Entries = [.. Bert, .. Pooled(First)],
            With = ["*norm.bias", "*attn_qkv.weight", "*attn_qkv.bias"],
            Without = ["token_types.*"],
        },
        new("bert-reranker", "bert")
        {
            Entries = [.. Bert, .. Pooled(Rank), ("classifier.output_labels", (string[])["no", "perhaps", "yes"])],
            With = ["*.bias", "cls.weight", "cls.output.weight"],
            Rows = [("cls.weight", 64)],
        },
        new("eurobert", "eurobert") { Entries = [.. Rms, .. Encoder, .. Pooled(EveryState)] },
        new("gemma-embedding", "gemma-embedding")
        {
            Entries = [.. Rms, .. Gemma3Embedding, .. Pooled(EveryState)],
            Without = ["output.weight"],
        },
        new("gemma-embedding-dense", "gemma-embedding")
        {
            Entries =
            [
                .. Rms, .. Gemma3Embedding, .. Pooled(Mean), ("dense_2_feat_in", 64), ("dense_2_feat_out", 96), ("dense_3_feat_in", 96),
                ("dense_3_feat_out", 64),
            ],
            With = ["dense_?.weight"],
            Without = ["output.weight"],
        },
        new("jina-bert-v2", "jina-bert-v2")
        {
            Entries = [.. Bert, .. Pooled(EveryState)],
            With = ["*.bias"],
            Without = ["*ffn_gate.*"],
            Rows = [("*ffn_up.weight", 192)],
        },
        new("jina-bert-v2-reranker", "jina-bert-v2")
        {
            Entries = [.. Bert, .. Pooled(Rank)],
            With = ["*norm.bias", "*attn_output.bias", "*ffn_down.bias", "cls.weight", "cls.bias"],
            Without = ["*attn_?_norm.*", "*attn_norm_2.*"],
            Rows = [("cls.weight", 1), ("*ffn_up.weight", 96)],
        },
        new("jina-bert-v3", "jina-bert-v3")
        {
            Entries = [.. Bert, .. Pooled(EveryState)],
            With = ["*.bias", "*attn_qkv.weight", "*attn_qkv.bias"],
        },
        new("llama-embed", "llama-embed") { Entries = [.. Rms, .. Pooled(EveryState)], Without = ["output.weight"] },
        new("llama-embed-mean", "llama-embed")
        {
            Entries = [.. Rms, .. Pooled(Mean), ("expert_count", 4), ("expert_used_count", 2)],
            Without = ["output.weight"],
        },
        new("modern-bert", "modern-bert")
        {
            Entries = [.. ModernBert, .. Pooled(EveryState)],
            With = ["*attn_qkv.weight"],
            Without = ["blk.0.attn_norm.*"],
        },
        new("modern-bert-reranker", "modern-bert")
        {
            Entries =
            [
                .. ModernBert, .. Pooled(Rank), ("hidden_activation", "silu"), ("classifier.output_labels", (string[])["no", "yes"]),
            ],
            With = ["*attn_qkv.weight", "cls.weight", "cls.norm.weight", "cls.output.weight", "cls.output.bias"],
            Without = ["blk.0.attn_norm.*"],
            Rows = [("cls.weight", 64)],
        },
        new("neo-bert", "neo-bert") { Entries = [.. Rms, .. Encoder, .. Pooled(EveryState)], With = ["*attn_qkv.weight"] },
        new("nomic-bert", "nomic-bert")
        {
            Entries = [.. Bert, .. Pooled(EveryState), ("rope.freq_base", 1000f)],
            With = ["*norm.bias", "*attn_qkv.weight"],
        },
        new("nomic-bert-mean", "nomic-bert") { Entries = [.. Bert, .. Pooled(Mean)], With = ["*norm.bias"] },
        new("nomic-bert-moe", "nomic-bert-moe")
        {
            Entries =
            [
                .. Bert, .. Pooled(EveryState), ("block_count", 4), ("moe_every_n_layers", 2), ("expert_count", 8),
                ("expert_used_count", 2),
            ],
            With = ["*norm.bias", "*attn_qkv.weight", "*attn_qkv.bias", "*attn_output.bias", "*ffn_up.bias", "*ffn_down.bias"],
        },
        new("qwen2-last", "qwen2") { Entries = [.. Rms, .. Pooled(Last)], With = ["*attn_?.bias"] },
        new("qwen3-reranker", "qwen3")
        {
            Entries = [.. Rms, .. Pooled(Rank), ("classifier.output_labels", (string[])["no", "yes"])],
            With = ["cls.output.weight"],
        },
    ];

    private static Entry[] Encoder => [.. AllHeads, ("attention.causal", false)];

    private static Entry[] Bert => [.. Layer, .. Encoder, ("!tokenizer.ggml.token_type_count", 2)];

    private static Entry[] ModernBert =>
    [
        .. Layer, .. Encoder, ("block_count", 4), ("attention.sliding_window", 16), ("rope.freq_base", 160_000f),
        ("rope.freq_base_swa", 10_000f),
    ];

    private static Entry[] Gemma3Embedding => [("attention.sliding_window", 16), ("block_count", 7), ("rope.freq_base", 1e6f)];

    private static Entry[] Pooled(int kind) => [("pooling_type", kind)];
}
