using System.Text.RegularExpressions;

namespace Hearth.Store.Registries.HuggingFace;

/// <summary>Finds what names of files say of the quantisation: <c>Q4_K_M</c>, <c>UD-IQ2_XXS</c>, <c>BF16</c>, <c>MXFP4</c>, ...</summary>
internal static partial class Quantization
{
    /// <summary>The mark of Unsloth's own mixtures, which people leave out.</summary>
    public const string DynamicPrefix = "UD-";

    /// <summary>The quantisation that a name tells, as it is written there; the last where it tells several (<c>model-f16.Q4_K_M</c>).</summary>
    public static string? Find(string name) => Names().Matches(name) is [.., Match last] ? last.Value : null;

    /// <summary>Whether two are the same: case does not count, and <c>FP16</c> is <c>F16</c>.</summary>
    public static bool Same(string? left, string? right) =>
        left is not null && right is not null && Normalize(left) == Normalize(right);

    /// <summary>
    /// Whether a name has a tag in it as whole words, which anything but letters and digits divides. A tag never cuts a quantisation in two:
    /// <c>Q4_K</c> is not in <c>Q4_K_M</c>.
    /// </summary>
    public static bool IsWordOf(string name, string tag)
    {
        for (int start = 0; (start = name.IndexOf(tag, start, StringComparison.OrdinalIgnoreCase)) >= 0; start++)
        {
            int end = start + tag.Length;
            bool isWord = (start == 0 || !char.IsLetterOrDigit(name[start - 1])) && (end == name.Length || !char.IsLetterOrDigit(name[end]));
            if (isWord && !CutsAny(start, end))
            {
                return true;
            }
        }

        return false;

        bool CutsAny(int start, int end) => Names().Matches(name).Any(found =>
            found.Index < end && found.Index + found.Length > start && (found.Index < start || found.Index + found.Length > end));
    }

    private static string Normalize(string quantization) => quantization.ToUpperInvariant() switch
    {
        "FP16" => "F16",
        "FP32" => "F32",
        string other => other,
    };

    [GeneratedRegex(
        @"(?<![a-z0-9])(UD-)?(I?Q[1-8](_(K|[01](_[48]_[48])?|NL))?(_(XXS|XS|S|M|L|XL|XXL))*|TQ[12]_0|I[1-8]_S"
        + @"|BF16|FP?16|FP?32|MXFP4(_MOE)?|NVFP4)(?![a-z0-9])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Names();
}
