using System.Security.Cryptography;
using Portcullis.Waf.Bytes;

namespace Portcullis.Waf.Transformations;

// Rules name what they compare, not what is secret: nothing relies on these digests.
#pragma warning disable RS0030, CA5350, CA5351

/// <summary><c>md5</c> and <c>sha1</c>: the digest as bytes; rules make text of it with <c>hexEncode</c>.</summary>
internal sealed class Digest : Transformation
{
    private readonly bool isSha1;

    private Digest(string name, bool isSha1)
        : base(name, ByteSet.All) => this.isSha1 = isSha1;

    public static Digest Md5 { get; } = new("md5", isSha1: false);

    public static Digest Sha1 { get; } = new("sha1", isSha1: true);

    public override int MaximumLength(int length) => isSha1 ? SHA1.HashSizeInBytes : MD5.HashSizeInBytes;

    protected override int Rewrite(ReadOnlySpan<byte> value, int from, Span<byte> destination)
        => isSha1 ? SHA1.HashData(value, destination) : MD5.HashData(value, destination);
}
