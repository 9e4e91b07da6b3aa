using System.Globalization;
using System.Text;
using Portcullis.Control.Identity.Account.Markup;
using Portcullis.Trust.Keys;
using QRCoder;

namespace Portcullis.Control.Identity.Account.Views;

/// <summary>A QR code as part of the page: no further request, and nothing that could stay in a cache.</summary>
internal static class QrPicture
{
    public static Html Draw(Secret text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text.Reveal(), QRCodeGenerator.ECCLevel.M);
        var rows = code.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                if (!rows[y][x]) continue;
                var start = x;
                while (x + 1 < rows.Count && rows[y][x + 1]) x++;
                path.Append(CultureInfo.InvariantCulture, $"M{start} {y}h{x + 1 - start}v1H{start}z");
            }
        }

        return Html.Of($"""<svg viewBox="0 0 {rows.Count} {rows.Count}" role="img" aria-label="QR code with the key for your app" shape-rendering="crispEdges"><path d="{path.ToString()}"/></svg>""");
    }
}
