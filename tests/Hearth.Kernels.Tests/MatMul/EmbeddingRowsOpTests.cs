using Hearth.Kernels.Formats;
using Hearth.Kernels.MatMul;
using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.MatMul;

public sealed class EmbeddingRowsOpTests
{
    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.Q8_0)]
    public void Takes_the_rows_that_are_asked_for(TensorType type)
    {
        byte[] data = new byte[TensorTypes.ByteSize(type, 50 * 960)];
        BlockCodec.Encode(type, OperationData.Random(1, 50 * 960), data);
        float[] decoded = new float[50 * 960];
        BlockCodec.Decode(type, data, decoded);
        int[] ids = [49, 0, 7, 7, 21, 3, 9, 10, 11, 48];
        float[] rows = new float[ids.Length * 960];
        WithTable(data, type, 50, 960, 3, (pool, table) => EmbeddingRowsOp.Run(pool, table, ids, rows));
        for (int i = 0; i < ids.Length; i++)
        {
            OperationData.AssertSameBits(decoded.AsSpan(ids[i] * 960, 960), rows.AsSpan(i * 960, 960));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    public void An_id_outside_the_table_is_refused(int id) =>
        WithTable(new byte[4 * 8 * 4], TensorType.F32, 4, 8, 1, (pool, table) =>
            Assert.Equal(
                "ids",
                Assert.Throws<ArgumentException>(() => EmbeddingRowsOp.Run(pool, table, [0, id], new float[16])).ParamName));

    [Fact]
    public void A_destination_of_another_size_is_refused() =>
        WithTable(new byte[4 * 8 * 4], TensorType.F32, 4, 8, 1, (pool, table) =>
            Assert.Equal(
                "destination",
                Assert.Throws<ArgumentException>(() => EmbeddingRowsOp.Run(pool, table, [0], new float[9])).ParamName));

    private static void WithTable(byte[] data, TensorType type, int rows, int columns, int threads, Action<ComputePool, WeightMatrix> use)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, data);
            using MappedFile file = MappedFile.Open(path);
            using ComputePool pool = new(threads);
            use(pool, file.Matrix(0, type, rows, columns));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
