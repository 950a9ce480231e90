import Foundation
import CJPEG
import CPNG
import TrainingData

/// Image files, made by the libraries' own writers.
enum ImageFiles {
  /// How pixels are stored.
  enum PNGKind { case rgb, gray, rgba, gray16, palette }

  static func png(_ image: RGBImage) -> [UInt8] {
    png(width: image.width, height: image.height, bytes: image.bytes, kind: .rgb)
  }

  /// A PNG of these samples, as many a pixel as the kind says (16-bit samples as two bytes, lowest
  /// first; of a palette, indices into red, green and blue).
  static func png(width: Int, height: Int, bytes: [UInt8], kind: PNGKind) -> [UInt8] {
    var image = unsafe png_image()
    unsafe image.version = png_uint_32(PNG_IMAGE_VERSION)
    unsafe image.width = png_uint_32(width)
    unsafe image.height = png_uint_32(height)
    let formats: (UInt32, colours: UInt32) =
      switch kind {
      case .rgb: (PNG_FORMAT_FLAG_COLOR, 0)
      case .gray: (0, 0)
      case .rgba: (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA, 0)
      case .gray16: (PNG_FORMAT_FLAG_LINEAR, 0)
      case .palette: (PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_COLORMAP, 3)
      }
    unsafe image.format = formats.0
    unsafe image.colormap_entries = formats.colours
    let map: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255]
    var size = bytes.count * 2 + 100_000
    var file = [UInt8](repeating: 0, count: size)
    let written = unsafe png_image_write_to_memory(
      &image, &file, &size, 0, bytes, 0, kind == .palette ? map : nil)
    precondition(written != 0, "the PNG could not be written")
    return Array(file.prefix(size))
  }

  /// A JPEG of best quality, without subsampling of colours: grey, RGB or CMYK by the number of
  /// components; progressive in 190 scans where each coefficient gets one.
  static func jpeg(
    width: Int, height: Int, bytes: [UInt8], components: Int = 3, scanPerCoefficient: Bool = false
  ) -> [UInt8] {
    var errors = unsafe jpeg_error_mgr()
    var writer = unsafe jpeg_compress_struct()
    unsafe writer.err = unsafe jpeg_std_error(&errors)
    unsafe jpeg_CreateCompress(
      &writer, JPEG_LIB_VERSION, MemoryLayout<jpeg_compress_struct>.size)
    var memory: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    unsafe jpeg_mem_dest(&writer, &memory, &size)
    unsafe writer.image_width = JDIMENSION(width)
    unsafe writer.image_height = JDIMENSION(height)
    unsafe writer.input_components = Int32(components)
    unsafe writer.in_color_space =
      components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK
    unsafe jpeg_set_defaults(&writer)
    unsafe jpeg_set_quality(&writer, 100, 1)
    unsafe writer.comp_info[0].h_samp_factor = 1
    unsafe writer.comp_info[0].v_samp_factor = 1
    var scans: [jpeg_scan_info] = []
    if scanPerCoefficient {
      scans.append(scan(components: 3, coefficient: 0))
      for coefficient in 1...63 as ClosedRange<Int32> {
        for component in 0..<3 as Range<Int32> {
          var one = scan(components: 1, coefficient: coefficient)
          one.component_index.0 = component
          scans.append(one)
        }
      }
    }
    unsafe scans.withUnsafeBufferPointer { script in
      if scanPerCoefficient {
        unsafe writer.scan_info = script.baseAddress
        unsafe writer.num_scans = Int32(script.count)
      }
      unsafe jpeg_start_compress(&writer, 1)
      for row in 0..<height {
        var line = Array(bytes[row * width * components..<(row + 1) * width * components])
        unsafe line.withUnsafeMutableBufferPointer { pointer in
          var rows: JSAMPROW? = pointer.baseAddress
          _ = unsafe jpeg_write_scanlines(&writer, &rows, 1)
        }
      }
      unsafe jpeg_finish_compress(&writer)
    }
    unsafe jpeg_destroy_compress(&writer)
    let file = unsafe Array(UnsafeBufferPointer(start: memory, count: Int(size)))
    unsafe free(memory)
    return file
  }

  private static func scan(components: Int32, coefficient: Int32) -> jpeg_scan_info {
    jpeg_scan_info(
      comps_in_scan: components, component_index: (0, 1, 2, 0), Ss: coefficient, Se: coefficient,
      Ah: 0, Al: 0)
  }
}
