using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Hearth.Store.References;

/// <summary>The name of a content: <c>sha256:</c> and 64 lower-case hexadecimal digits (OCI image specification, "Digests"). No other algorithm is used for models.</summary>
public readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private const int Digits = 64;
    private static readonly SearchValues<char> s_hex = SearchValues.Create("0123456789abcdef");
    private readonly string? _hex;

    private Digest(string hex) => _hex = hex;

    /// <summary>The 64 hexadecimal digits.</summary>
    public string Hex => _hex ?? throw new InvalidOperationException("This digest has never been set.");

    /// <summary>The first 12 digits, which people are shown.</summary>
    public string Abbreviated => Hex[..12];

    /// <summary>Reads <c>sha256:HEX</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        bool isDigest = text is { Length: 71 } && text.StartsWith(Prefix, StringComparison.Ordinal) && !text.AsSpan(Prefix.Length).ContainsAnyExcept(s_hex);
        digest = isDigest ? new Digest(text![Prefix.Length..]) : default;
        return isDigest;
    }

    /// <summary>Reads <c>sha256:HEX</c>.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out Digest digest) ? digest : throw new FormatException($"'{text}' is no digest; expected 'sha256:' and {Digits} hexadecimal digits.");

    /// <summary>The digest of 64 hexadecimal digits, such as a blob's file name.</summary>
    public static bool TryFromHex(ReadOnlySpan<char> hex, out Digest digest)
    {
        bool isHex = hex.Length == Digits && !hex.ContainsAnyExcept(s_hex);
        digest = isHex ? new Digest(hex.ToString()) : default;
        return isHex;
    }

    /// <summary>The digest of a content.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(hash);
    }

    /// <summary>The digest whose 32 bytes a hash has given.</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, SHA256.HashSizeInBytes);
        return new Digest(Convert.ToHexStringLower(hash));
    }

    /// <summary><c>sha256:HEX</c>.</summary>
    public override string ToString() => Prefix + Hex;
}
