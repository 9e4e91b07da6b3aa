using System.Net;
using System.Text;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Regexes;

namespace Portcullis.Waf.Operators;

/// <summary><c>@ipMatch</c>, <c>@ipMatchFromFile</c>, <c>@ipMatchFromDataset</c>: the value is an address in one of the networks.</summary>
internal sealed class AddressOperator(IPNetwork[] networks) : Operator
{
    /// <summary>Reads addresses and networks, <c>192.0.2.0/24,::1</c>; null with the item that is neither.</summary>
    public static IPNetwork[]? Parse(IEnumerable<string> items, out string? wrong)
    {
        var networks = new List<IPNetwork>();
        foreach (var item in items)
        {
            if (Network(item) is not { } network)
            {
                wrong = item;
                return null;
            }

            networks.Add(network);
        }

        wrong = networks.Count == 0 ? "" : null;
        return networks.Count == 0 ? null : [.. networks];
    }

    public override int Match(Evaluation evaluation, int value, Span<Capture> captures)
    {
        if (evaluation.Addresses.Read(evaluation.Values[value]) is not { } address) return NoMatch;
        foreach (var network in networks)
        {
            if (network.Contains(address)) return 0;
        }

        return NoMatch;
    }

    private static IPNetwork? Network(string item)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var text = slash < 0 ? item : item[..slash];
        if (!ReadAddress.IsPlain(Encoding.Latin1.GetBytes(text)) || !IPAddress.TryParse(text, out var address)) return null;
        var bits = address.GetAddressBytes().Length * 8;
        if (slash >= 0 && (!byte.TryParse(item[(slash + 1)..], out var length) || length > bits || (bits = length) < 0)) return null;
        // 192.0.2.7/24 means its network, though the host's bits are set.
        var bytes = address.GetAddressBytes();
        for (var bit = bits; bit < bytes.Length * 8; bit++) bytes[bit >> 3] &= (byte)~(0x80 >> (bit & 7));
        return new IPNetwork(new IPAddress(bytes), bits);
    }
}
