#include "app/image/qr.h"

#include <qrencode.h>
#include <string.h>

static bool is_alphanumeric(const uint8_t *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        bool is_upper = text[i] >= 'A' && text[i] <= 'Z';
        if (!is_digit && !is_upper &&
            (text[i] == 0 || strchr(" $%*+-./:", text[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

enum err qr_encode(const void *text, size_t len_bytes, struct qr *out_qr) {
    enum err err = ERR_LIMIT;
    QRinput *input = NULL;
    QRcode *code = NULL;
    // 3391 alphanumeric characters are version 40 at M.
    if (len_bytes == 0 || len_bytes > 3391) {
        return ERR_LIMIT;
    }
    QRencodeMode mode = is_alphanumeric(text, len_bytes) ? QR_MODE_AN : QR_MODE_8;
    input = QRinput_new2(0, QR_ECLEVEL_M);
    if (input == NULL || QRinput_append(input, mode, (int)len_bytes, text) != 0) {
        goto end;
    }
    code = QRcode_encodeInput(input);
    if (code == NULL || code->width > QR_SIDE_MAX) {
        goto end;
    }
    out_qr->side = code->width;
    for (int i = 0; i < code->width * code->width; i++) {
        out_qr->modules[i] = code->data[i] & 1;
    }
    err = ERR_NONE;
end:
    QRcode_free(code);
    QRinput_free(input);
    return err;
}

bool qr_is_dark(const struct qr *qr, int x, int y) {
    bool is_inside = x >= 0 && y >= 0 && x < qr->side && y < qr->side;
    return is_inside && qr->modules[y * qr->side + x] != 0;
}
