using System.Text.Json.Nodes;

namespace Hearth.Engine.Tests.Conversion;

/// <summary>Tiny models of each type, as Hugging Face folders: 64 wide, 2 layers, 4 heads of 16 over 2 of keys and values.</summary>
internal static class TestModels
{
    private const int Width = 64;
    private const int Inner = 96;
    private const int ExpertInner = 32;
    private const int Experts = 4;
    private const int QueryWidth = 64;
    private const int KeyWidth = 32;
    private const int HeadWidth = 16;
    private static int Layers(string type) => type is "gemma3_text" ? 6 : 2;

    public static string[] Types { get; } =
        ["llama", "llama3", "mistral", "mixtral", "qwen2", "qwen3", "qwen3_moe", "gemma", "gemma2", "gemma3_text", "phi3", "phi3-long"];

    /// <summary>Writes a model with a tokenizer.</summary>
    /// <param name="folder">Gets the files.</param>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="elements">The element type.</param>
    /// <param name="files">How many safetensors files.</param>
    /// <returns>What the weights mean.</returns>
    public static HuggingFaceTransformer Write(TestFolder folder, string type, string elements = "BF16", int files = 1)
    {
        int vocabulary = type is "llama" or "mistral" or "mixtral" or "gemma" or "gemma2" or "gemma3_text" or "phi3" or "phi3-long"
            ? TestTokenizers.SentencePiece(folder)
            : TestTokenizers.ByteLevel(
                folder, type == "llama3" ? TestTokenizers.Llama3Split() : TestTokenizers.Qwen2Split(), ignoreMerges: type == "llama3");
        JsonObject config = Config(type, vocabulary);
        folder.Write("config.json", config);
        List<TestTensor> tensors = [.. Tensors(type, vocabulary, elements)];
        folder.WriteTensors(tensors, files);
        return new HuggingFaceTransformer(config, tensors);
    }

    private static JsonObject Config(string type, int vocabulary)
    {
        JsonObject config = new()
        {
            ["architectures"] = new JsonArray("TestForCausalLM"),
            ["model_type"] = type.Split('-')[0] is "llama3" ? "llama" : type.Split('-')[0],
            ["hidden_size"] = Width,
            ["intermediate_size"] = Inner,
            ["num_hidden_layers"] = Layers(type),
            ["num_attention_heads"] = QueryWidth / HeadWidth,
            ["num_key_value_heads"] = KeyWidth / HeadWidth,
            ["max_position_embeddings"] = 512,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10_000.0,
            ["vocab_size"] = vocabulary,
            ["tie_word_embeddings"] = type is "qwen2" || type.StartsWith("gemma", StringComparison.Ordinal),
            ["bos_token_id"] = 1,
        };
        (string Key, JsonNode Value)[] more = type switch
        {
            "llama3" => [("rope_scaling", new JsonObject
            {
                ["rope_type"] = "llama3", ["factor"] = 8.0, ["low_freq_factor"] = 1.0,
                    ["high_freq_factor"] = 4.0, ["original_max_position_embeddings"] = 64,
            })],
            "mistral" => [("head_dim", HeadWidth), ("sliding_window", 256)],
            "mixtral" => [("num_local_experts", Experts), ("num_experts_per_tok", 2)],
            "qwen3" => [("head_dim", HeadWidth)],
            "qwen3_moe" => [("head_dim", HeadWidth), ("num_experts", Experts),
                ("num_experts_per_tok", 2), ("moe_intermediate_size", ExpertInner),
                ("norm_topk_prob", true)],
            "gemma" => [("head_dim", HeadWidth), ("hidden_act", "gelu")],
            "gemma2" => [("head_dim", HeadWidth), ("query_pre_attn_scalar", HeadWidth),
                ("sliding_window", 8), ("attn_logit_softcapping", 5.0),
                ("final_logit_softcapping", 3.0), ("hidden_activation", "gelu_pytorch_tanh")],
            "gemma3_text" => [("head_dim", HeadWidth), ("query_pre_attn_scalar", HeadWidth),
                ("sliding_window", 8), ("rope_local_base_freq", 1000.0),
                ("rope_scaling", new JsonObject { ["rope_type"] = "linear", ["factor"] = 4.0 }),
                    ("hidden_activation", "gelu_pytorch_tanh")],
            "phi3-long" => [("original_max_position_embeddings", 16), ("rope_scaling", new JsonObject
            {
                ["type"] = "longrope",
                ["long_factor"] = new JsonArray([.. Enumerable.Range(0, HeadWidth / 2).Select(i => (JsonNode)(1.0 + 0.5 * i))]),
                ["short_factor"] = new JsonArray([.. Enumerable.Range(0, HeadWidth / 2).Select(i => (JsonNode)(1.0 + 0.1 * i))]),
            })],
            _ => [],
        };
        foreach ((string key, JsonNode value) in more)
        {
            config[key] = value;
        }

        return config;
    }

    private static IEnumerable<TestTensor> Tensors(string type, int vocabulary, string elements)
    {
        Random random = new(type.Length * 31 + type[0]);
        bool gemma = type.StartsWith("gemma", StringComparison.Ordinal);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        TestTensor Matrix(string name, int rows, int columns) =>
            new(name + ".weight", elements, [rows, columns],
                [.. Enumerable.Range(0, rows * columns).Select(_ => Normal() * 1.5f / MathF.Sqrt(columns))]);
        TestTensor Vector(string name, int length, float mean) =>
            new(name, elements, [length], [.. Enumerable.Range(0, length).Select(_ => mean + 0.2f * Normal())]);
        TestTensor Norm(string name, int length = Width) => Vector(name + ".weight", length, gemma ? 0 : 1);

        yield return Matrix("model.embed_tokens", vocabulary, Width);
        for (int layer = 0; layer < Layers(type); layer++)
        {
            string prefix = $"model.layers.{layer}.";
            yield return Norm(prefix + "input_layernorm");
            if (type.StartsWith("phi3", StringComparison.Ordinal))
            {
                yield return Matrix(prefix + "self_attn.qkv_proj", QueryWidth + 2 * KeyWidth, Width);
                yield return Matrix(prefix + "mlp.gate_up_proj", 2 * Inner, Width);
                yield return Matrix(prefix + "mlp.down_proj", Width, Inner);
            }
            else
            {
                yield return Matrix(prefix + "self_attn.q_proj", QueryWidth, Width);
                yield return Matrix(prefix + "self_attn.k_proj", KeyWidth, Width);
                yield return Matrix(prefix + "self_attn.v_proj", KeyWidth, Width);
            }

            yield return Matrix(prefix + "self_attn.o_proj", Width, QueryWidth);
            yield return Norm(prefix + "post_attention_layernorm");
            if (type is "qwen2" or "llama")
            {
                yield return Vector(prefix + "self_attn.q_proj.bias", QueryWidth, 0);
                yield return Vector(prefix + "self_attn.k_proj.bias", KeyWidth, 0);
                yield return Vector(prefix + "self_attn.v_proj.bias", KeyWidth, 0);
            }

            if (type is "qwen3" or "qwen3_moe" or "gemma3_text")
            {
                yield return Norm(prefix + "self_attn.q_norm", HeadWidth);
                yield return Norm(prefix + "self_attn.k_norm", HeadWidth);
            }

            if (type is "gemma2" or "gemma3_text")
            {
                yield return Norm(prefix + "pre_feedforward_layernorm");
                yield return Norm(prefix + "post_feedforward_layernorm");
            }

            if (type is "mixtral" or "qwen3_moe")
            {
                (string router, string expert, string[] names, int inner) = type == "mixtral"
                    ? ("block_sparse_moe.gate", "block_sparse_moe.experts", new[] { "w1", "w3", "w2" }, Inner)
                    : ("mlp.gate", "mlp.experts", ["gate_proj", "up_proj", "down_proj"], ExpertInner);
                yield return Matrix(prefix + router, Experts, Width);
                for (int i = 0; i < Experts; i++)
                {
                    yield return Matrix($"{prefix}{expert}.{i}.{names[0]}", inner, Width);
                    yield return Matrix($"{prefix}{expert}.{i}.{names[1]}", inner, Width);
                    yield return Matrix($"{prefix}{expert}.{i}.{names[2]}", Width, inner);
                }
            }
            else if (!type.StartsWith("phi3", StringComparison.Ordinal))
            {
                yield return Matrix(prefix + "mlp.gate_proj", Inner, Width);
                yield return Matrix(prefix + "mlp.up_proj", Inner, Width);
                yield return Matrix(prefix + "mlp.down_proj", Width, Inner);
            }
        }

        yield return Norm("model.norm");
        if (type is not "qwen2" && !gemma)
        {
            yield return Matrix("lm_head", vocabulary, Width);
        }
    }
}
