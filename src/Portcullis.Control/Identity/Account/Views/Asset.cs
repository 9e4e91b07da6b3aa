namespace Portcullis.Control.Identity.Account.Views;

/// <summary>A resource that pages load.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Content">Its octets.</param>
internal sealed record Asset(string Path, string ContentType, ReadOnlyMemory<byte> Content);
