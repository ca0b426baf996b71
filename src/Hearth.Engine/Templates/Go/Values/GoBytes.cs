using System.Text;
using Hearth.Engine.Templates.Runtime;
using Hearth.Engine.Templates.Values;

namespace Hearth.Engine.Templates.Go.Values;

/// <summary>A text by the bytes of its UTF-8, which is what Go counts.</summary>
internal static class GoBytes
{
    public static int Length(Budget budget, StringValue value)
    {
        budget.ChargeText(value.Text.Length);
        return Encoding.UTF8.GetByteCount(value.Text);
    }

    public static byte At(StringValue value, int index) => Encoding.UTF8.GetBytes(value.Text)[index];

    /// <summary>A part of the text, which keeps the origins; half a character becomes U+FFFD.</summary>
    public static StringValue Slice(StringValue value, int start, int end)
    {
        if (Ascii.IsValid(value.Text))
        {
            return value.Substring(start, end - start);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(value.Text);
        if (IsBoundary(bytes, start) && IsBoundary(bytes, end))
        {
            int first = Encoding.UTF8.GetCharCount(bytes, 0, start);
            return value.Substring(first, Encoding.UTF8.GetCharCount(bytes, start, end - start));
        }

        return StringValue.From(Encoding.UTF8.GetString(bytes, start, end - start), value.IsTrusted);
    }

    private static bool IsBoundary(byte[] bytes, int index)
    {
        const byte ContinuationMask = 0xC0;
        const byte Continuation = 0x80;
        return index == bytes.Length || (bytes[index] & ContinuationMask) != Continuation;
    }
}
