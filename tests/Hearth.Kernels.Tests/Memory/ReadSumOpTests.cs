using Hearth.Kernels.Memory;
using Hearth.Kernels.Threading;

namespace Hearth.Kernels.Tests.Memory;

public sealed class ReadSumOpTests
{
    [Theory]
    [MemberData(nameof(OperationData.Levels), MemberType = typeof(OperationData))]
    public void Run_AddsEveryWordOnce(string level)
    {
        ulong[] words = new ulong[1000];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()));
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using ComputePool pool = new(threads);
            foreach (int count in new[] { 0, 1, 3, 4, 7, 8, 31, 32, 33, 64, 95, 127, 999, 1000 })
            {
                ulong expected = words.Take(count).Aggregate(0UL, (sum, word) => unchecked(sum + word));

                Assert.Equal(expected, ReadSumOp.Run(OperationData.Parse(level), pool, words.AsSpan(0, count)));
            }
        }
    }
}
