using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Attention;

public static unsafe partial class AttentionOp
{
    /// <summary>Keys and values as floats, for queries that are more than the inner loops take at once.</summary>
    private readonly ref partial struct TileKernel<TLanes, TElements>
    {
        /// <summary>Some dimensions of a block's keys.</summary>
        private void LoadKeys(byte* keys, int count, float* scales, byte* next)
        {
            const int Pair = KvStorage.BlockTokens;
            for (int d = 0; d < count; d++)
            {
                int offset = d * Pair * TElements.Size;
                TLanes lower = TElements.LoadLower<TLanes>(keys + offset);
                TLanes upper = TElements.LoadUpper<TLanes>(keys + offset);
                Prefetch.Line(next + offset);
                if (TElements.Scaling == KvScaling.Group)
                {
                    float* scale = scales + (d & -KvElementLayout.ScaleGroup);
                    lower = TLanes.Multiply(lower, TLanes.Load(scale));
                    upper = TLanes.Multiply(upper, TLanes.Load(scale + 16));
                }

                TLanes.Store(_block + (d * Pair), lower);
                TLanes.Store(_block + (d * Pair) + 16, upper);
            }
        }

        /// <summary>Some dimensions of a block's values, close together.</summary>
        private void LoadValues(byte* values, int count, float* scales, byte* next)
        {
            const int Pair = KvElementLayout.ScaleGroup;
            long stride = (long)_shape.ValueStride * TElements.Size;
            float* destination = _block;
            for (int j = 0; j < KvStorage.BlockTokens; j++, values += stride, next += stride)
            {
                for (int i = 0; i < count; i += Pair, destination += Pair)
                {
                    int offset = i * TElements.Size;
                    TLanes lower = TElements.LoadLower<TLanes>(values + offset);
                    TLanes upper = TElements.LoadUpper<TLanes>(values + offset);
                    Prefetch.Line(next + offset);
                    if (TElements.Scaling == KvScaling.Group)
                    {
                        TLanes scale = TLanes.Create(scales[i + j]);
                        lower = TLanes.Multiply(lower, scale);
                        upper = TLanes.Multiply(upper, scale);
                    }

                    TLanes.Store(destination, lower);
                    TLanes.Store(destination + 16, upper);
                }
            }
        }
    }
}
