namespace Portcullis.Gateway.Configuration.Binding;

/// <summary>The <c>policies</c> of a route: keys and values are those of the policy kinds.</summary>
internal sealed class PoliciesShape : Shape
{
    public override string Expected => "policies by name, such as { authenticate: token }";
}
