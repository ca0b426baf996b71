using System.Diagnostics;
using System.Text;

namespace Hearth.Tests.Fuzzing;

/// <summary>Makes inputs that fail shorter.</summary>
internal static class FuzzMinimizer
{
    private const int Shown = 600;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    /// <summary>Leaves out pieces for as long as it still fails.</summary>
    public static byte[] Shorten(byte[] input, Func<byte[], bool> fails)
    {
        Stopwatch watch = Stopwatch.StartNew();
        for (int piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (int at = 0; at < input.Length && watch.Elapsed < s_limit;)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(input.Length, at + piece)..]];
                if (fails(shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += piece;
                }
            }
        }

        return input;
    }

    /// <summary>An input as text, as far as it is.</summary>
    public static string Show(byte[] input)
    {
        string text = new([.. Encoding.UTF8.GetString(input, 0, Math.Min(Shown, input.Length)).Select(character => character is '\n' or >= ' ' ? character : '·')]);
        return input.Length > Shown ? $"{text}… ({input.Length} bytes)" : text;
    }
}
