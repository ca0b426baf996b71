using System.Buffers.Binary;
using Hearth.Engine.Gguf;
using Hearth.Kernels.Formats;

namespace Hearth.Tests.Gguf;

/// <summary>Hostile headers: each is read or refused, without allocating much more than its own size.</summary>
public sealed class GgufFuzzTests
{
    private const int AllocationPerByte = 32;
    private const int AllocationBase = 16 * 1024;

    private static readonly ulong[] s_boundaries =
    [
        0, 1, 2, 7, 8, 9, 12, 13, 31, 32, 33, 63, 64, 255, 256, 65535, 65536,
        (1 << 20) + 1, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, long.MaxValue / 8, long.MaxValue / 2,
        long.MaxValue - 31, long.MaxValue, 1UL << 63, ulong.MaxValue / 4, ulong.MaxValue - 31, ulong.MaxValue,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_headers_are_read_or_refused(int seed)
    {
        const int Rounds = 60_000;
        GgufBytes whole = Whole();
        byte[] original = whole.ToArray();
        Random random = new(seed);
        int read = 0;
        Try(original);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = original;
            for (int mutations = random.Next(1, 4); mutations > 0; mutations--)
            {
                bytes = Mutate(bytes, whole.Fields, random);
            }

            read += Try(bytes) ? 1 : 0;
        }

        // Both outcomes must have been seen, or the mutations are too weak or too strong to mean anything.
        Assert.InRange(read, Rounds / 100, Rounds * 9 / 10);
    }

    private static bool Try(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GgufHeader header;
        try
        {
            header = GgufHeader.Parse(bytes, bytes.Length);
        }
        catch (GgufException)
        {
            return false;
        }
        finally
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                allocated <= AllocationBase + ((long)AllocationPerByte * bytes.Length),
                $"{allocated} bytes were allocated for {bytes.Length}.");
        }

        foreach (GgufTensor tensor in header.Tensors)
        {
            Assert.InRange(tensor.Offset, header.DataOffset, bytes.Length);
            Assert.InRange(tensor.ByteLength, 1, bytes.Length - tensor.Offset);
        }

        Assert.Equal(header.Metadata.Count, GgufSummary.Describe(header.Metadata, header.Tensors).Entries.Count);
        return true;
    }

    private static byte[] Mutate(byte[] bytes, List<int> fields, Random random)
    {
        byte[] result = [.. bytes];
        if (result.Length < 16)
        {
            return result;
        }

        int at = random.Next(result.Length);
        switch (random.Next(7))
        {
            case 0:
                result[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                return result[..at];
            case 2:
                Overwrite(result, at, random);
                break;
            case 3:
                Overwrite(result, Math.Min(fields[random.Next(fields.Count)], result.Length - 1), random);
                break;
            case 4:
                random.NextBytes(result.AsSpan(at, Math.Min(random.Next(1, 64), result.Length - at)));
                break;
            case 5:
                int count = Math.Min(random.Next(1, 64), result.Length - at);
                result.AsSpan(random.Next(result.Length - count + 1), count).CopyTo(result.AsSpan(at));
                break;
            default:
                int cut = Math.Min(random.Next(1, 16), result.Length - at);
                return random.Next(2) == 0
                    ? [.. result[..at], .. result[(at + cut)..]]
                    : [.. result[..at], .. new byte[cut], .. result[at..]];
        }

        return result;
    }

    private static void Overwrite(byte[] bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, s_boundaries[random.Next(s_boundaries.Length)]);
        int width = Math.Min(1 << random.Next(4), bytes.Length - at);
        number[..width].CopyTo(bytes.AsSpan(at));
    }

    private static GgufBytes Whole() => new GgufBytes(tensors: 5, pairs: 16)
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
        .Data(512);
}
