namespace Portcullis.EndToEnd.Tests.CoreRuleSet.Yardsticks;

/// <summary>A web server with ModSecurity, as Debian packages it.</summary>
/// <param name="Module">The file that the package with the firewall brings.</param>
/// <param name="Template">Its configuration, beside this type.</param>
internal sealed record ServerKind(string Name, string Program, string Package, string Module, string Template)
{
    public static ServerKind Apache { get; } = new("apache", "/usr/sbin/apache2", "libapache2-mod-security2", "/usr/lib/apache2/modules/mod_security2.so", "apache.conf");

    public static ServerKind Nginx { get; } = new("nginx", "/usr/sbin/nginx", "libnginx-mod-http-modsecurity", "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so", "nginx.conf");

    public static ServerKind Named(string name) => name switch
    {
        "apache" => Apache,
        "nginx" => Nginx,
        _ => throw new ArgumentException($"No server {name}: apache or nginx", nameof(name)),
    };

    public string[] Arguments(string scratch, string configuration, string log)
        => this == Apache ? ["-X", "-f", configuration] : ["-p", scratch, "-e", log, "-c", configuration];
}
