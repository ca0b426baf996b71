using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;
using Hearth.Tests.Fuzzing;

namespace Hearth.Tests.Gguf;

/// <summary>Hostile headers: each is read or refused, without allocating much more than its own size.</summary>
public sealed class GgufFuzzTests(ITestOutputHelper output) : FuzzTests(output)
{
    private protected override FuzzTarget Target { get; } = new("gguf", Read)
    {
        Seeds = [Whole()],
        Words = ["GGUF", "general.architecture", "general.alignment", "tokenizer.ggml.tokens", "split.count", "llama.block_count", "\u0008\u0000\u0000\u0000", "\u0009\u0000\u0000\u0000"],
        IsRefusal = FuzzTarget.Refusals(typeof(GgufException)),
        Rounds = 10_000,
        MaxLength = 8 * 1024,
        AllocationBase = 16 * 1024,
        AllocationPerByte = 32,
    };

    private static string Read(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufHeader header = GgufHeader.Parse(bytes, bytes.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (16 * 1024) + (32L * bytes.Length));
        Assert.All(header.Tensors, tensor =>
        {
            Assert.InRange(tensor.Offset, header.DataOffset, bytes.Length);
            Assert.InRange(tensor.ByteLength, 1, bytes.Length - tensor.Offset);
        });
        int entries = GgufSummary.Describe(header.Metadata, header.Tensors).Entries.Count;
        Assert.Equal(header.Metadata.Count, entries);
        return $"{entries} entries and {header.Tensors.Count} tensors";
    }

    private static byte[] Whole() => new GgufBytes(tensors: 5, pairs: 16)
        .Key("general.architecture", GgufValueType.Text).Text("llama")
        .Key("general.alignment", GgufValueType.U32).U32(32)
        .Key("u8", GgufValueType.U8).U8(1)
        .Key("i16", GgufValueType.I16).U16(1)
        .Key("flag", GgufValueType.Boolean).U8(1)
        .Key("llama.block_count", GgufValueType.U32).U32(2)
        .Key("f32", GgufValueType.F32).U32(0x3F800000)
        .Key("u64", GgufValueType.U64).U64(9)
        .Key("f64", GgufValueType.F64).U64(9)
        .Array("tokenizer.ggml.tokens", GgufValueType.Text, 4).Text("a").Text("bc").Text("").Text("grüße")
        .Array("tokenizer.ggml.scores", GgufValueType.F32, 4).U32(0).U32(0).U32(0).U32(0)
        .Array("bytes", GgufValueType.U8, 3).U8(1).U8(2).U8(3)
        .Array("flags", GgufValueType.Boolean, 2).U8(1).U8(0)
        .Array("lists", GgufValueType.Sequence, 2).U32((uint)GgufValueType.I32).U64(1).U32(7).U32((uint)GgufValueType.Text).U64(1).Text("x")
        .Array("longs", GgufValueType.I64, 2).U64(1).U64(2)
        .Key("tokenizer.ggml.bos_token_id", GgufValueType.U32).U32(1)
        .Tensor("token_embd.weight", (uint)TensorType.F32, 0, 8, 4)
        .Tensor("blk.0.ffn_up_exps.weight", (uint)TensorType.Q8_0, 128, 32, 2, 2)
        .Tensor("blk.0.attn_q.weight", (uint)TensorType.Q4_K, 288, 256, 1)
        .Tensor("output_norm.weight", (uint)TensorType.F32, 448, 8)
        .Tensor("patch", (uint)TensorType.F16, 480, 2, 2, 2, 2)
        .Data(512).ToArray();
}
