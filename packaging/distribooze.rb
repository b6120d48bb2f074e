# From a clone, whose branch it builds: brew install --HEAD packaging/distribooze.rb
class Distribooze < Formula
  desc "Packet-length distributions per flow and per detected protocol"
  license "BSD-2-Clause"
  head "file://#{File.expand_path("..", __dir__)}", using: :git

  depends_on "autoconf" => :build
  depends_on "automake" => :build
  depends_on "pkgconf" => :build
  depends_on "json-c"
  depends_on "libpcap"
  depends_on "libpsl"
  depends_on "ndpi"
  depends_on "nettle"
  depends_on "xxhash"
  depends_on "zstd"

  uses_from_macos "zlib"

  on_linux do
    depends_on "libcap"
    depends_on "libseccomp"
  end

  def install
    system "autoreconf", "-fi"
    system "./configure", *std_configure_args
    system "make", "install"
    pkgshare.install "pcaps/ssh.pcap"
  end

  test do
    assert_match "distribooze 0.2.0", shell_output("#{bin}/distribooze --version")
    # three connections of SSH
    lines = shell_output("#{bin}/distribooze -q #{pkgshare}/ssh.pcap").lines
    assert_equal 3, lines.length
    assert_match '"label":"SSH"', lines.first
  end
end
