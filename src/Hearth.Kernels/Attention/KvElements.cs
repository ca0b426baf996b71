namespace Hearth.Kernels.Attention;

/// <summary>What is to be done with a type of keys and values.</summary>
internal interface IKvElementAction
{
    void Run<TElements>()
        where TElements : struct, IKvElements;
}

/// <summary>The types of keys and values.</summary>
internal static class KvElements
{
    /// <summary>Runs an action for the type's implementation.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one.</exception>
    internal static void Dispatch<TAction>(KvElementType type, ref TAction action)
        where TAction : struct, IKvElementAction
    {
        switch (type)
        {
            case KvElementType.F16:
                action.Run<HalfElements>();
                break;
            case KvElementType.BF16:
                action.Run<BFloat16Elements>();
                break;
            case KvElementType.Q8_0:
                action.Run<ByteElements>();
                break;
            case KvElementType.F32:
                action.Run<SingleElements>();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of keys and values.");
        }
    }
}
