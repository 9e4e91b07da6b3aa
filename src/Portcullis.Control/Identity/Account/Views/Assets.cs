using System.Security.Cryptography;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>The pages' own style sheet and script. Their paths hold a hash of their content, so browsers may keep them for ever.</summary>
internal static class Assets
{
    public static Asset Style { get; } = Load("account.css", "text/css; charset=utf-8");

    public static Asset Script { get; } = Load("account.js", "text/javascript; charset=utf-8");

    private static Asset Load(string name, string contentType)
    {
        using var stream = typeof(Assets).Assembly.GetManifestResourceStream("Portcullis.Account." + name) ?? throw new InvalidOperationException($"{name} is not in the assembly.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        return new Asset($"/account/assets/{hash}/{name}", contentType, content);
    }
}
